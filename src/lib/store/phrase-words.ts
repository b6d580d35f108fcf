/** Short, common, harmless French words, without accents so that every keyboard writes them alike. */
export const words: readonly string[] = `
abricot acajou accord achat acier actif adieu agenda agile agneau aigle aiguille aile aimant airelle
ajout alarme album algue alizier allure alouette alpage amande ambre amiral ampoule ananas ancre
anguille animal anneau annexe antenne appel apprenti aquarium arbre arbuste arcade archet ardoise argent
argile armoire arnica arome arpent artiste asperge assiette atelier atlas atome auberge aubergine aurore
automne avenue averse avion avocat avoine avril azur bagage bague baguette baie baignoire balade balai
balance balcon baleine balise ballade ballon bambou banane bandeau banjo banque baobab barque barreau
basilic bassin bateau baton bazar beignet belote benne berceau berger besace beurre bidon bijou bille
biscuit bison bivouac blason bleuet blouse bobine bocal boisson bolide bonbon bonnet bordure bosquet
botte bouchon boucle bouee bougie boule bouquet bourdon bourgeon boussole bouteille bouton branche
brasero bravo brebis brioche brique brise broche brocoli broderie brosse brouette brousse brume bruyere
budget buffle buisson bulle bureau burin butin buvette cabane cabas cabine cable cabri cacao cachette
cactus cadeau cadenas cadran cadre cafe cagette cahier caillou caisse calcul calepin calme camarade
camion campagne canal canape canard canevas canoe canot canyon capitale caprice capsule caramel caravane
cargo caribou carnet carotte carpe carreau carrosse cartable carte carton cascade casier casque castor
cavalier caverne cedre ceinture celeri cercle cerf cerise cerisier chaise chalet chaleur chamois champ
chance chandail chanson chant chapeau chapitre charbon chardon chariot charpente chataigne chaton
chaussure chemin cheminee chemise chenal chene chenille cheval chevreuil chiffon chiot chocolat chorale
chouette chouquette cidre cigale cigogne cinema cintre cirque citron citrouille clairiere clavier clef
clementine climat cloche clocher cloison cobalt cocktail cocon coffre colibri colis collier colline
colombe colonne comete commode compas compote comptoir concert concombre confiture conte copain copeau
coquille corail corbeille corde cordon cornet cortege coton coucou coude couleur couloir coupe courant
courge courrier cousin coussin couteau couture couvert crabe crapaud cratere cravate crayon creme crepe
cresson creux crique cristal crocus croissant croquis cuillere cuisine cuivre culture curieux cyclone
cygne cypres dahlia dalle damier danse datte dauphin decor defile degre delta demain dentelle depart
desert dessert dessin detour diamant digue dimanche dindon diner disque docile domaine domino donjon
dorade dossier douane double douche doudou draisine drapeau duvet dynamo ecaille echalote echarpe echec
echelle echo eclair eclat eclipse ecluse ecole ecorce ecran ecrevisse ecrin ecriture ecureuil ecurie
edredon effort elan elastique elegant elephant elixir emeraude empreinte encens enclos encre endive
energie enfant enseigne entree enveloppe epaule epice epinard epingle eponge epopee equipe erable escale
escalier escargot espace essai essaim essence estrade etable etage etagere etain etang etape etincelle
etoffe etoile etourneau etude eventail evier exemple exploit express fable facade facile facteur faisan
falaise fanfare fanion farandole farine faucon fauteuil fenouil fermier festin festival feuille fiable
ficelle figue figure filet filtre flacon flamant flambeau flamme flanelle fleche fleur fleuve flocon
flotte flute foire fondue fontaine foret forge formule fortune fossile fouet fougere foulard foule four
fourchette fourmi foyer fraise framboise frange fregate frelon frene fresque friche frisson fromage
froment fruit fumet furet fusain fusee futaie galaxie galerie galet galette galop gamelle garage gardien
garenne garrigue gateau gaufre gazelle gazon geant gelee gelule genet genou gentiane geode gerbe germe
geyser gibier gigot gilet gingembre girafe girofle giroflee givre glace glacier gland globe glycine
gobelet goeland gomme gondole gorille gouache goudron gouffre gourde gourmet goutte graine gramme grange
granit grappe gravier grelot grenade grenier grenouille griffe grille grillon grimoire griotte grive
grotte groupe gruyere guepard guidon guimauve guirlande guitare gymnase habit haie hamac hameau hamster
hangar hanneton haricot harmonie harpe hauteur havre hectare herbe herbier herisson hermine heron heros
hetre hibou hirondelle histoire hiver homard horizon horloge hortensia hotel houblon huile huitre humeur
humour hutte hydravion hymne ideal idee iguane image immense imprime indice indigo infini insecte
instant iris ivoire jacinthe jaguar jalon jambon janvier jardin jargon jasmin jaune javelot jersey jeton
jeudi jeune joaillier jongleur jonquille jouet joueur journal journee joyeux judo juillet jumeau jumelle
jument jungle jupon juriste justice kaki kangourou karate kayak kepi kermesse kilo kimono kiosque kiwi
klaxon koala labyrinthe lacet lagon lagune lainage laine laiton lambris lampe lampion langage langue
lanterne lapin largeur laurier lavande laverie lavoir lecture legende legume lentille leopard lessive
lettre levain levier levure lezard liane libellule librairie licorne lien lierre lievre ligne lilas
limace limonade linge lingot lionne liquide lisiere liste litchi litote livre livret local locomotive
logis loisir lorgnon losange loterie lotus louche loupe loutre lucarne luciole luge lumiere lundi lune
lunette lupin lustre luth lutin lutrin luzerne lycee lynx machine magasin magie magnet magnolia maillot
maison majeur malice mallette mammouth manchot mandarine manege mangue manivelle manoir manteau marais
marbre marche mardi maree marge marguerite marin marmite marmotte marquis marraine marron marteau martre
masque massif matelas matelot matiere matin mauve maximum medaille meduse melange meleze melodie melon
membre memoire menhir menthe menu menuisier merci mercredi meringue merisier merle merveille mesange
message mesure metal meteore metier metro meuble meule micro miel miette migrateur milieu mille mimosa
mineral minuit minute mirabelle miracle miroir mistral mitaine mixte mobile modele module moelle moineau
moisson moitie molaire moment monde moniteur montagne montre morceau morille mortier mosaique moteur
motif mouche mouette moufle moule moulin mousse mouton moyeu muguet mulet muret murmure muscade musee
musette musique myrtille mystere nacelle nacre nageur napperon narcisse narrateur natation nature
nautile navet navette navire nectar neige nenuphar nerveux niche nickel noble noisette noix nomade
nombre nordique noria notaire notice nougat nouille novembre noyau noyer nuage nuance numero nymphe
oasis objet ocean ocelot octave octobre odeur odyssee oeillet oeuvre office ogive oiseau olive olivier
ombelle ombre omelette oncle ondine onyx opale opera opinion orage oranger oranges orbite orchestre
orchidee oreille oreiller orfevre organe orgue orient origan orme ornement ortie osier otarie ourlet
ourson outarde outil ouvrage ovale oxygene pacte pagaie page paille pain paisible palais palette palme
palmier palourde panache panda panier panneau panorama pantalon panthere papaye papier papillon paprika
paquebot parade paradis parapluie parasol parcours parfum parking paroi parole parrain partage parterre
passage passerelle pastel pasteque patience patin patio paume pause pavillon paysage peigne peinture
pelage pelican pelote pelouse pendule peniche pensee pepin perche perdrix pergola perle permis perron
persil pervenche petale petunia peuplier phare phoque photo phrase piano piece pierre pieuvre pigeon
pilier pilote piment pinceau pingouin pinson piolet pirogue piscine pissenlit pistache piste pivoine
pivot placard plafond plage plaine planche planete plateau platine pleiade plongeon pluie plume podium
poele poeme poesie poignee poireau poirier poisson poivre poivron polaire pollen polygone pomelo pomme
pommier poney ponton populaire porche portail portique potager poteau poterie potiron poulain poule
poulie poulpe poumon poupee pousse poussin prairie preau prelude premier present presque prestige
primevere prince printemps prisme profil projet promenade propre prose prune prunier puits pull puma
pupitre puree puzzle pyramide quai quartier quartz quatre quenelle question quiche quille quinoa quinze
quotidien rabot racine radeau radio radis rafale raifort raisin rallye ramage rameau rampe ranch rando
rapide raquette rasoir ravin rayon rebond recette recit recolte record recre reflet refuge regard regate
regle reglisse reine relais relief remous renard rencontre renfort renne repas replique reponse requin
reseau reserve ressort restaurant retour reveil reverie rideau rigole rivage riviere robinet robot
rocade rocher rodeo roman romarin ronde roquette rosace roseau rosee rosier rossignol rotonde rouage
rouet rouge rouleau roulotte route royaume ruban rubis ruche ruelle rugby ruisseau rumeur rythme sable
sablier sabot sacoche safari safran sagesse saison salade saladier salaire salon salsifis samedi sandale
sanglier santal saphir sapin sardine sarment satin sauge saule saumon sauterelle savane saveur savon
scarabee science scooter sculpture seance secret seigle selle semaine semelle semence semoule sentier
sequoia serie seringa serpolet serre serrure service sesame seuil siecle siege sieste sifflet signal
silence silex sillage sillon simple singe sirene sirop sittelle soigneux soiree soja solaire soleil
solfege solide sonate sonnet sonnette sorbet sorbier sortie souche souci souffle souhait soupe source
souris spatule spectacle sphere spirale splendeur sportif square stade statue steppe store strophe
studio stylo sucre suite sultane sumac surface surprise sursaut symbole symphonie syrinx systeme table
tableau tablette tablier tabouret tache taille talent talus tambour tamis tandem tango tapis tarte
tartine tasse taupe taxi teinture temoin tempete temple tempo tendre tennis tente terrasse terrier
terrine texte theatre theiere theme thermos thon thuya thym ticket tiede tige tigre tilleul timbre tipi
tirelire tiroir tissage tissu titane toast toboggan toile toison toiture tomate tombola tonneau tonnelle
toque torche torrent tortue toucan toupie tournesol tourte tourtereau tracteur traineau trait trajet
tramway tranche trapeze travail traverse treize tremplin tresor tresse triangle tribune tricot trimaran
tripode troupe troupeau truelle truffe truite tuile tulipe tunique tunnel turban turbine turquoise
tutelle tuyau union unique univers usine utile vacance vache vague vaillant vaisseau valise vallee
vallon valse vanille vanneau vannerie vapeur varan varech vaste veille velo velours vendange vendredi
vent veranda verger verglas vermeil vernis verre verseau verset vertige verveine veste vestiaire viaduc
victoire vigie vigne vignette village vinaigre violette violon virage visage visite vitrail vitrine
vivace vivier voile voilier voisin voiture volcan volet volley volute voyage voyelle wagon wapiti yack
yaourt yoga yourte zebre zenith zephyr zeste zigzag zinc zodiaque zone zoom
`
	.trim()
	.split(/\s+/);
