import { worlds } from './worlds.ts';

worlds('sqlite', 111, 110);
