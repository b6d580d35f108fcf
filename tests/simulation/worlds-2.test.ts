import { worlds } from './worlds.ts';

worlds('sqlite', 141, 140);
