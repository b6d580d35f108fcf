/** Ordinary names of the young people of today's France, to be combined by chance: no combination means a person. */

const list = (names: string): readonly string[] => names.trim().split(/\s*,\s*/);

export const firstNames = {
	woman: list(`
		Emma, Léa, Manon, Chloé, Camille, Sarah, Inès, Jade, Lola, Clara, Océane, Marie, Anaïs, Laura, Maëva, Mathilde, Lucie, Pauline,
		Noémie, Julie, Morgane, Justine, Margaux, Romane, Alicia, Elisa, Ambre, Maëlys, Eva, Lina, Yasmine, Nour, Amina, Fatou,
		Aïssatou, Mariam, Khadija, Samia, Leïla, Assia, Soraya, Rania, Sofia, Beatriz, Carolina, Inês, Ana, Daniela, Elena, Andreea,
		Oksana, Daria, Thi Mai, Linh, Priya, Awa, Bintou, Kadiatou, Grâce, Divine, Naomi, Esther, Melissa, Kelly, Cassandra, Coralie,
		Élodie, Gaëlle, Solène, Maylis, Amaia, Maitena, Garance, Louane, Zoé, Rose, Alice, Juliette, Héloïse, Capucine`),
	man: list(`
		Lucas, Hugo, Théo, Enzo, Nathan, Louis, Thomas, Maxime, Léo, Antoine, Alexandre, Clément, Quentin, Romain, Valentin, Baptiste,
		Mathis, Tom, Noah, Axel, Dylan, Kévin, Jordan, Florian, Corentin, Bastien, Rémi, Adrien, Julien, Simon, Mehdi, Yanis, Rayan,
		Sofiane, Bilal, Ibrahim, Amadou, Mamadou, Moussa, Ousmane, Boubacar, Cheikh, Abdoulaye, Karim, Walid, Nassim, Amine, Ilyes,
		João, Tiago, Diogo, Rui, Andrei, Ionut, Artem, Dmytro, Minh, Arjun, Samuel, David, Emmanuel, Christ, Exaucé, Junior, Steven,
		Brandon, Loïc, Gaëtan, Erwan, Xavier, Beñat, Peio, Ximun, Bixente, Guilhem, Arnaud, Paul, Gabriel, Jules, Raphaël, Côme`)
} as const;

export const lastNames = list(`
	Casenave, Lacoste, Labarrère, Cazaux, Lafitte, Laborde, Larrieu, Bordenave, Capdevielle, Cazenave, Dupuy, Lassalle, Lahitte,
	Loustau, Barrère, Camblong, Castéra, Pédeprat, Hourcade, Sarthou, Poey, Domec, Gaye, Fourcade, Bergez, Etcheverry, Iriart,
	Elissalde, Etchegaray, Haristoy, Mendiboure, Dufau, Peyré, Minvielle, Lamarque, Courrèges, Arrieu, Cassou, Bonnecaze, Majesté,
	Martin, Bernard, Thomas, Petit, Robert, Richard, Durand, Moreau, Simon, Laurent, Lefebvre, Michel, Garcia, Roux, Fournier, Girard,
	Bonnet, Lambert, Fontaine, Rousseau, Vincent, Muller, Faure, Mercier, Blanc, Guérin, Boyer, Garnier, Chevalier, Gauthier,
	Perrin, Morin, Nicolas, Clément, Roussel, Mathieu, Henry, Masson, Marchand, Duval, Denis, Dumont, Lemaire, Noël, Meyer, Meunier,
	Benali, Haddad, Bouzid, Cherif, Mansouri, Belkacem, Hamidi, Rahmani, Saïdi, Ziani, Amrani, El Idrissi, Bennani, Tazi, Chakir,
	Diallo, Traoré, Diop, Ndiaye, Sow, Camara, Keita, Cissé, Koné, Touré, Barry, Bah, Sylla, Fofana, Mbaye, Sarr, Kouassi, Mensah,
	Mukendi, Ilunga, Makiese, Nzuzi, Okoye, da Silva, Ferreira, Pereira, Gonçalves, Rodrigues, Teixeira, Carvalho, Lopes, Martins,
	Sanchez, Lopez, Fernandez, Perez, Gomez, Ruiz, Popescu, Ionescu, Munteanu, Kovalenko, Shevchuk, Bondar, Nguyen, Tran, Pham,
	Hoxha, Berisha, Krasniqi, Yildiz, Demir, Kaya, Öztürk, Rossi, Ricci, Kowalski, Nowak`);

export const nicknames = list(
	'Momo, Titi, Kiki, Lulu, Nono, Zaza, Bibi, Jojo, Mimi, Nino, Sam, Alex, Max, Tonio, Doudou, Lili, Bob, Kenzo'
);
