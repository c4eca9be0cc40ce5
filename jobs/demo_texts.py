"""What demo experiences and replies say: the French sentences, then the pen that composes them.

One sentence a line. In a bank the line opens with the axis and the mood it speaks of: ``réac-``
is a complaint about delays. Braces are filled by the pen: ``{le}``, ``{au}``, ``{du}`` name
the office ("la Caf de Lyon"), ``{e}`` agrees with whoever writes, ``{mon}`` says whose file it is.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from random import Random
from typing import NamedTuple, TypeVar

T = TypeVar("T")

AXES = ("accessibilite", "information_explication", "relation", "reactivite", "simplicite")
POSITIVE, NEUTRAL, NEGATIVE = MOODS = ("Positif", "Neutre", "Négatif")
COUNTER, PHONE, WEB, EMAIL, LETTER, APP = CHANNELS = (
    "Guichet",
    "Téléphone",
    "Internet",
    "Courriel",
    "Courrier",
    "Application mobile",
)

Bank = dict[str, dict[str, tuple[str, ...]]]

_MARKS = {
    mark + sign: (axis, mood)
    for mark, axis in zip(("acc", "info", "rel", "réac", "simp"), AXES, strict=True)
    for sign, mood in zip("+=-", MOODS, strict=True)
}


def spread(weights: Mapping[T, int]) -> tuple[T, ...]:
    """Each value as many times as its weight, so that a weighted pick is a single draw."""
    return tuple(value for value, weight in weights.items() for _ in range(weight))


def lines(block: str) -> tuple[str, ...]:
    """The lines of a block of text, without its indentation and blank lines."""
    return tuple(" ".join(line.split()) for line in block.splitlines() if line.strip())


def bank(*blocks: str) -> Bank:
    """The marked lines of the blocks, by axis and mood; a cell may be empty."""
    cells: dict[str, dict[str, tuple[str, ...]]] = {axis: dict.fromkeys(MOODS, ()) for axis in AXES}
    for line in (line for block in blocks for line in lines(block)):
        mark, sentence = line.split(" ", 1)
        axis, mood = _MARKS[mark]
        cells[axis][mood] += (sentence,)
    return cells


class Situation(NamedTuple):
    """A procedure people write about.

    `channels` are those it can go through. A paperless one has no file to put together: nothing
    is said of its forms, and of its delays only what its own sentences say. A shareable one
    may concern several networks at once.
    """

    label: str
    subject: str
    tags: str
    sentences: str
    channels: tuple[str, ...] = CHANNELS
    weight: int = 2
    paperless: bool = False
    shareable: bool = False


class Theme(NamedTuple):
    """How a network is spoken of, what for, and how it answers."""

    safety: bool
    demand: float
    positive: float
    negative: float
    le: str
    au: str
    du: str
    agent: str
    site: str
    app: str
    channels: dict[str, int]
    sentences: str
    situations: tuple[Situation, ...]
    partner: str
    professional: tuple[str, ...]
    professional_is_concerned: bool
    advice: tuple[str, ...]
    signatures: tuple[str, ...]
    national: str


# What anyone says of any public service, whatever the channel.
EVERYWHERE = """
acc+ Le service s'adapte même à ceux qui ne peuvent pas se déplacer, c'est précieux.
acc= Le service est accessible, à condition de bien choisir son moment.
acc= Il faut s'y prendre à plusieurs fois, sans que ce soit dramatique.
acc- Il est presque impossible de parler à un être humain.
acc- Pour les personnes qui ne maîtrisent pas Internet, c'est un vrai parcours du combattant.
info+ Les explications étaient claires et complètes.
info+ Les pièces à fournir et les étapes suivantes sont indiquées précisément.
info+ J'ai enfin compris où en est {mon} dossier et ce qu'il reste à faire.
info+ Tout est expliqué avec des mots simples, sans jargon.
info= Les explications étaient correctes mais un peu rapides.
info= J'ai obtenu une partie des réponses, pour le reste il a fallu chercher de mon côté.
info= L'information est exacte, encore faut-il savoir poser la bonne question.
info= Certains termes mériteraient d'être plus clairs.
info- Aucune explication claire, j'ai dû chercher les informations par moi-même.
info- On me demande encore une pièce que j'ai déjà fournie deux fois.
info- Impossible de savoir où en est {mon} dossier.
info- Les informations se contredisent d'une fois sur l'autre, on ne sait plus à qui se fier.
info- On ne m'a informé{e} de rien, j'ai tout découvert après coup.
réac+ La réponse est arrivée en {court}.
réac+ Tout a été traité en {court}, bravo.
réac+ Le suivi a été rapide et sérieux.
réac+ Je ne m'attendais pas à une prise en charge aussi rapide.
réac= Le délai est resté raisonnable, sans être exceptionnel.
réac= Il a fallu relancer une fois, puis les choses ont avancé.
réac= Cela a pris {long}, on m'avait prévenu{e}.
réac- J'attends une réponse depuis {long}.
réac- Malgré plusieurs relances, toujours rien depuis {long}.
réac- Les délais sont beaucoup trop longs : {long} sans la moindre nouvelle.
réac- Le dossier n'avance pas, on me répond à chaque fois qu'il faut patienter.
simp+ La démarche en elle-même est simple et bien guidée.
simp+ Très peu de papiers à fournir, c'est agréable.
simp+ Je redoutais une démarche compliquée, elle a été très simple.
simp+ Les étapes s'enchaînent bien et on ne redemande pas dix fois les mêmes papiers.
simp= La démarche est assez simple une fois qu'on a compris quoi fournir.
simp= Ce n'est ni très simple ni vraiment compliqué, il faut rester attentif.
simp= Quelques étapes font double emploi, mais on finit par y arriver.
simp- La démarche est inutilement compliquée.
simp- Il faut refournir les mêmes papiers à chaque fois, c'est épuisant.
simp- On tourne en rond : chaque service renvoie vers un autre.
simp- Trop de justificatifs, trop d'étapes, on finit par se décourager.
simp- J'ai dû tout recommencer à cause d'une erreur qui n'était pas la mienne.
"""

_FACE_TO_FACE = """
acc+ On arrive sans difficulté à parler à quelqu'un.
acc+ Le service est facile à joindre et on n'attend pas longtemps.
acc+ Aucune difficulté pour trouver le bon interlocuteur.
acc+ C'est appréciable d'avoir encore un service public de proximité {a_ville}.
info+ {Agent} a pris le temps de répondre à toutes mes questions.
info+ On m'a indiqué dès le départ comment les choses allaient se passer.
info= On m'a renseigné{e}, mais en allant un peu vite.
info- D'une personne à l'autre, la réponse n'est jamais la même.
info- Personne n'a su me dire quoi faire ni à qui m'adresser.
rel+ {Agent} a été à l'écoute, humain et très professionnel.
rel+ Je me suis senti{e} écouté{e} et pris{e} au sérieux.
rel+ Beaucoup de gentillesse et de respect, cela fait du bien.
rel+ {Agent} a fait preuve d'une grande bienveillance.
rel+ Mon interlocuteur était courtois et connaissait très bien son sujet.
rel= {Agent} était poli, mais visiblement débordé.
rel= Échange courtois, un peu expéditif à mon goût.
rel= Rien à redire sur la politesse, j'aurais simplement aimé un peu plus d'écoute.
rel- {Agent} a été désagréable du début à la fin.
rel- On m'a parlé avec condescendance, comme si je dérangeais.
rel- Aucune écoute, aucune empathie.
rel- On m'a coupé la parole à plusieurs reprises sans écouter mes explications.
rel- J'ai eu l'impression d'être un numéro.
réac+ On m'a rappelé{e} le jour même, comme promis.
réac- On promet de me rappeler et personne ne le fait jamais.
"""

_IN_WRITING = """
rel+ Le ton de la réponse était aimable, on sent qu'une vraie personne a lu mon message.
rel+ Réponse courtoise et personnalisée, cela change.
rel= La réponse est polie, mais assez impersonnelle.
rel= Le ton est correct, un peu administratif.
rel- Le ton de la réponse est sec, presque méprisant.
rel- Une réponse froide et impersonnelle, sans un mot d'excuse.
info- La réponse est une formule toute faite, sans rapport avec ma question.
info+ La réponse écrite reprend chaque point, je peux la garder comme preuve.
"""

BY_CHANNEL: dict[str, tuple[str, ...]] = {
    COUNTER: (
        _FACE_TO_FACE,
        """
        acc+ Seulement {peu} d'attente au guichet.
        acc+ Les horaires sont adaptés à ceux qui travaillent.
        acc= Les horaires pourraient être un peu plus larges, mais on s'organise.
        acc- Les horaires ne conviennent qu'à ceux qui ne travaillent pas.
        acc- Rien n'est prévu pour ceux qui habitent loin et se déplacent mal.
        acc+ Les locaux sont clairs, bien signalés et accessibles en fauteuil roulant.
        acc= Une vingtaine de minutes d'attente, c'est supportable.
        acc= Le parking est souvent complet, pour le reste l'accès est facile.
        acc- J'ai attendu {attente} avant d'être reçu{e}.
        acc- Les locaux ne sont pas adaptés : une poussette ou un fauteuil n'y passe pas.
        acc- La première fois, j'ai trouvé porte close, sans aucune information.
        rel+ À l'accueil, on m'a reçu{e} avec gentillesse.
        rel+ À l'accueil, on a gardé son calme et sa patience malgré l'affluence.
        rel= Accueil un peu froid au guichet, mais l'essentiel a été fait.
        rel- À l'accueil, pas un bonjour ni un regard.
        rel- Aucune discrétion au guichet, toute la salle d'attente profite de la conversation.
        simp+ Tout a pu se faire sur place, en un seul passage.
        simp- Il a fallu revenir trois fois pour la même chose.
        """,
    ),
    PHONE: (
        _FACE_TO_FACE,
        """
        acc+ J'ai eu quelqu'un au bout du fil en {peu}.
        acc= Une dizaine de minutes de musique d'attente, puis j'ai eu quelqu'un.
        acc- Après {attente} d'attente au téléphone, la communication a été coupée.
        acc- Le serveur vocal tourne en boucle et ne propose jamais de parler à quelqu'un.
        acc- Le numéro sonne dans le vide, quelle que soit l'heure.
        info+ Au téléphone, on m'a expliqué point par point ce qu'il fallait faire.
        info- Au téléphone, on m'a récité une fiche sans répondre à ma question.
        rel+ La personne au téléphone était patiente et très agréable.
        rel= Au téléphone, le ton était neutre mais correct.
        rel- On m'a raccroché au nez alors que je restais poli{e}.
        simp+ Un seul appel a suffi.
        simp= Deux appels ont été nécessaires, rien de bien grave.
        simp- À chaque appel il faut tout réexpliquer depuis le début.
        """,
    ),
    WEB: (
        """
        acc+ Pouvoir tout faire sans se déplacer, c'est précieux.
        acc+ Le site fonctionne aussi bien sur téléphone que sur ordinateur.
        acc= Le site est parfois lent, mais on y trouve ce qu'il faut.
        acc- Le site affiche une erreur technique à chaque connexion.
        acc- Impossible de se connecter : le code de confirmation n'arrive jamais.
        info+ Les étapes sont bien décrites en ligne, avec des exemples.
        info= En ligne, l'information existe, mais elle est éparpillée.
        info- En ligne, je ne vois que « traitement en cours », rien de plus.
        réac+ Un accusé de réception est arrivé tout de suite, puis la réponse en {court}.
        réac- Aucun retour depuis l'envoi du formulaire, il y a {long}.
        simp+ La démarche en ligne prend {peu}, pièces jointes comprises.
        simp+ Le formulaire est clair, je l'ai rempli sans aide.
        simp= Le formulaire est un peu long, mais on peut l'enregistrer en cours de route.
        simp- Le formulaire efface tout dès qu'on revient en arrière.
        simp- Les pièces jointes sont refusées sans que l'on sache pourquoi.
        """,
    ),
    EMAIL: (
        _IN_WRITING,
        """
        réac+ J'ai reçu une réponse à mon courriel en {court}, c'est très appréciable.
        réac= La réponse à mon courriel est venue au bout de deux semaines.
        réac- Mes courriels restent sans réponse depuis {long}.
        info+ Le courriel reçu en retour était précis.
        """,
    ),
    LETTER: (
        _IN_WRITING,
        """
        réac+ Une réponse écrite m'est parvenue en une dizaine de jours, ce qui est très correct.
        réac= Il a fallu un bon mois pour recevoir une réponse par courrier.
        réac- Mon courrier recommandé reste sans réponse depuis {long}.
        info- Le courrier reçu est incompréhensible : des articles de loi, aucune explication.
        """,
    ),
    APP: (
        """
        acc+ Pouvoir tout faire sans se déplacer, c'est précieux.
        acc+ L'application est claire et fonctionne bien, même avec peu de réseau.
        acc= L'application rend service, même si elle est parfois lente.
        acc- L'application se ferme toute seule depuis la dernière mise à jour.
        info+ Les notifications de l'application m'ont tenu{e} au courant à chaque étape.
        info- Dans l'application, le suivi n'est jamais à jour.
        simp+ Tout se fait depuis l'application en {peu}.
        simp= Dans l'application, il faut chercher un peu le bon menu.
        simp- Dans l'application, impossible d'ajouter un document sans que tout se bloque.
        """,
    ),
}

OPENINGS: dict[str, tuple[str, ...]] = {
    COUNTER: lines("""
        Je me suis rendu{e} {au} pour {objet}.
        Je suis allé{e} {au} pour {objet}.
        Passage {au} cette semaine pour {objet}.
        J'avais rendez-vous {au} pour {objet}.
        Déplacement {au} au sujet de {objet}.
        J'ai été reçu{e} {au} pour {objet}.
    """),
    PHONE: lines("""
        J'ai appelé {le} pour {objet}.
        J'ai contacté {le} par téléphone au sujet de {objet}.
        Appel {au} concernant {objet}.
        J'ai téléphoné {au} à propos de {objet}.
    """),
    WEB: lines("""
        J'ai utilisé {site} pour {objet}.
        Je suis passé{e} par {site} pour {objet}.
        Démarche faite en ligne pour {objet}.
        Dossier suivi {a_ville}, j'ai tout fait en ligne pour {objet}.
        Je me suis connecté{e} pour {objet}.
        Depuis {site}, j'ai fait le nécessaire pour {objet}.
    """),
    EMAIL: lines("""
        J'ai écrit un courriel {au} pour {objet}.
        Message envoyé {au} au sujet de {objet}.
        J'ai échangé par courriel avec {le} à propos de {objet}.
    """),
    LETTER: lines("""
        J'ai envoyé un courrier {au} pour {objet}.
        J'ai adressé une lettre recommandée {au} au sujet de {objet}.
    """),
    APP: lines("""
        J'ai utilisé {appli} pour {objet}.
        Depuis {appli}, j'ai fait le nécessaire pour {objet}.
        Dossier suivi {a_ville}, je passe par {appli} pour {objet}.
    """),
}

PREAMBLES: dict[str, tuple[str, ...]] = {
    POSITIVE: lines("""
        Je tiens à dire merci.
        Une fois n'est pas coutume, un avis positif.
        Très bonne expérience.
        Je souhaite saluer la qualité du service.
        Agréablement surpris{e}.
        Je suis très satisfait{e}.
    """),
    NEUTRAL: lines("""
        Mon avis est partagé.
        Du bon et du moins bon.
        Expérience correcte dans l'ensemble.
        Service moyen.
    """),
    NEGATIVE: lines("""
        Je suis très déçu{e}.
        Très mauvaise expérience.
        Je suis à bout.
        Je ne comprends pas qu'on puisse en arriver là.
        Service défaillant.
        Encore une expérience désastreuse.
    """),
}

CONTRASTS: dict[str, tuple[str, ...]] = {
    POSITIVE: lines("""
        Un point positif tout de même.
        Je veux être juste, tout n'est pas à jeter.
        Il y a quand même du mieux sur un point.
    """),
    NEUTRAL: (),
    NEGATIVE: lines("""
        Un bémol cependant.
        Un seul point à revoir.
        Il reste tout de même une chose à améliorer.
    """),
}

# Told only by those who write for themselves.
BACKGROUNDS = lines("""
    Je ne suis pas toujours à l'aise avec les démarches en ligne.
    Cela fait dix ans que je vis ici et c'est la première fois que j'écris un avis.
    Je viens d'arriver dans la région et je ne connaissais pas encore le service.
    Je n'ai personne autour de moi pour m'aider dans les démarches.
    C'était ma première démarche de ce genre et je ne savais pas par où commencer.
    Je n'ai pas de voiture, chaque déplacement me prend une demi-journée.
    Je m'en sors d'habitude très bien avec l'administration.
    Je n'ai pas l'habitude de donner mon avis, je fais une exception.
""")

ASIDES: dict[str, tuple[str, ...]] = {
    POSITIVE: lines("""
        On entend surtout ce qui ne va pas, alors je voulais aussi dire quand cela se passe bien.
        J'appréhendais cette démarche, on m'en avait dit beaucoup de mal, et j'avais tort.
        J'avais connu moins bien il y a quelques années, les choses ont vraiment changé.
        D'autres personnes de mon entourage ont fait le même constat.
        C'est le genre d'échange qui donne envie de faire confiance.
        J'ai souvent eu du mal avec les administrations, cette fois rien de tel.
        Dans une période un peu difficile, ce genre d'aide compte beaucoup.
    """),
    NEUTRAL: lines("""
        Je sais que les moyens manquent et que les équipes font ce qu'elles peuvent.
        Je comprends qu'il y ait beaucoup de demandes, surtout à cette période.
        Ce n'est pas la première fois que je constate ce genre de chose, en bien comme en mal.
        Je ne doute pas de la bonne volonté des équipes.
        L'organisation pourrait être revue sans grands frais.
    """),
    NEGATIVE: lines("""
        J'ai déjà perdu beaucoup de temps et d'énergie dans cette affaire.
        J'y ai déjà consacré plusieurs demi-journées, pour rien.
        Je ne suis visiblement pas un cas isolé, d'autres personnes racontent la même chose.
        Je paie mes impôts comme tout le monde et j'attends autre chose d'un service public.
        Les équipes sont sûrement débordées, mais ce n'est pas à nous d'en faire les frais.
        Je n'écris pas pour accabler qui que ce soit, mais pour que cela change.
        J'hésitais à écrire, mais il faut que cela se sache.
        C'est usant, moralement et matériellement.
    """),
}

# The long version, told by the few who write a page. About papers, so never of a paperless matter.
NARRATIVES: dict[str, tuple[str, ...]] = {
    POSITIVE: lines("""
        Pour une fois, tout s'est enchaîné comme il faut. On a d'abord vérifié avec moi que rien \
        ne manquait, puis on m'a dit à quoi m'attendre et dans quel délai, et ce délai a été tenu. \
        J'avais préparé un gros classeur en pensant devoir me battre : je n'en ai pas eu besoin.
        J'arrivais avec de vieilles inquiétudes, après une mauvaise expérience ailleurs. J'ai \
        trouvé une équipe organisée, des réponses cohérentes d'une fois sur l'autre et une vraie \
        volonté d'aider. Cela paraît peu de chose, mais quand on se débat avec les papiers, c'est \
        énorme.
        Ce que j'ai le plus apprécié, c'est la continuité : pas besoin de tout réexpliquer, ce qui \
        avait été dit la première fois avait été noté et suivi d'effet. On sent un service qui \
        s'intéresse à la personne et pas seulement au numéro de dossier.
    """),
    NEUTRAL: lines("""
        Dans le détail, le premier contact s'est bien passé et l'on m'a donné une réponse de \
        principe. Ensuite, il a fallu patienter, vérifier, relancer un peu, sans jamais savoir \
        tout à fait à quoi s'en tenir. Au bout du compte le résultat est là, mais il a demandé \
        plus d'énergie que nécessaire.
        Il y a de bonnes choses : des équipes de bonne volonté, des réponses exactes. Il y en a de \
        moins bonnes : des délais mal annoncés, des étapes que l'on découvre au fur et à mesure. \
        Rien de dramatique, mais un peu d'anticipation éviterait bien des allers-retours.
    """),
    NEGATIVE: lines("""
        Tout a commencé par un simple document à renvoyer. Je l'ai transmis le jour même, puis on \
        m'a dit qu'il n'était pas arrivé, puis qu'il était illisible, puis qu'il fallait \
        l'original. À chaque fois, il a fallu tout reprendre, et à chaque fois on m'a assuré que \
        c'était la dernière.
        Voici le déroulé, pour que chacun puisse juger. Premier contact : on m'assure que tout est \
        en ordre. Quinze jours plus tard : il manque une pièce, que j'envoie aussitôt. Un mois \
        plus tard : la pièce n'est pas enregistrée, il faut la renvoyer. Depuis, plus rien, et \
        personne ne semble trouver cela anormal.
        J'ai tout essayé : le téléphone, le guichet, le courriel, le courrier. C'est chaque fois \
        une réponse différente, et chaque fois il faut reprendre l'histoire depuis le début, comme \
        si rien n'avait été noté. Le plus décourageant n'est pas l'erreur, tout le monde peut en \
        faire, mais l'impression que personne ne veut la corriger.
        Je précise que toutes les pièces ont été fournies dans les délais et que j'ai gardé une \
        copie de chaque envoi. Malgré cela, c'est à moi de prouver que je n'y suis pour rien, de \
        relancer, d'attendre et de subir les conséquences d'une situation que je n'ai pas créée.
    """),
}

SUGGESTIONS: dict[str, tuple[str, ...]] = {
    "accessibilite": lines("""
        Une ouverture le samedi matin aiderait beaucoup de monde.
        Un accueil sans rendez-vous une fois par semaine serait déjà un progrès.
        Un numéro direct, avec quelqu'un au bout, changerait tout.
    """),
    "information_explication": lines("""
        Une information plus claire, dès le départ, éviterait bien des appels.
        Une fiche simple, en français courant, rendrait service à tout le monde.
    """),
    "relation": lines("""
        Un peu d'humanité ne coûte rien.
        Un mot aimable et un peu d'écoute suffiraient.
    """),
    "reactivite": lines("""
        Un simple message pour prévenir du retard suffirait.
        Un suivi en ligne du dossier éviterait d'avoir à relancer.
    """),
    "simplicite": lines("""
        Pourquoi ne pas réutiliser les documents déjà transmis ?
        Une liste complète des pièces, dès le départ, changerait tout.
    """),
}

CLOSINGS: dict[str, tuple[str, ...]] = {
    POSITIVE: lines("""
        Merci à toute l'équipe.
        Un grand merci {au} !
        Continuez ainsi.
        Un vrai service public, cela mérite d'être dit.
        Cela redonne confiance.
        Bravo et merci.
        Rien à redire.
    """),
    NEUTRAL: lines("""
        À améliorer, donc, mais rien de grave.
        Le service est rendu, c'est l'essentiel.
        Je verrai la prochaine fois si cela s'arrange.
        Bilan mitigé.
        Peut mieux faire.
    """),
    NEGATIVE: lines("""
        Ce n'est pas digne d'un service public.
        J'espère une réponse rapide.
        Merci de faire le nécessaire.
        On se sent abandonné.
        Que faut-il faire pour être entendu{e} ?
        Je demande simplement qu'on s'occupe enfin de {mon} dossier.
        C'est inadmissible !
    """),
}

# Why a fund and the police should have to do with the same matter.
STOLEN = lines("""
    Le vol d'un sac, avec tous les papiers dedans, était venu s'ajouter à cela.
    Entre-temps, un vol de papiers avait tout compliqué.
""")

PARTNERS: dict[str, tuple[str, ...]] = {
    POSITIVE: lines("""
        Il fallait aussi voir avec {partenaires} : la coordination a été très bonne.
        Le lien avec {partenaires} s'est fait sans que j'aie à tout réexpliquer.
    """),
    NEUTRAL: lines("""
        Il fallait aussi voir avec {partenaires}, et j'ai dû faire le lien moi-même.
        La coordination avec {partenaires} reste perfectible.
    """),
    NEGATIVE: lines("""
        Il fallait aussi voir avec {partenaires} : chacun renvoie vers l'autre.
        Aucune coordination avec {partenaires}, on me demande deux fois les mêmes documents.
    """),
}

_TITLES_BY_AXIS = bank("""
acc+ Service facile d'accès
acc+ Un service accessible à tous
acc+ Un service qui s'adapte
acc= Accès correct
acc= Accessible, sans plus
acc= Il faut un peu de patience
acc- Accès très difficile
acc- Service inaccessible
acc- Un service qui n'est pas fait pour tout le monde
acc- De quoi se décourager
info+ Explications très claires
info+ Bien renseigné{e}
info+ Informations précises et utiles
info= Informations à compléter
info= Réponse partielle
info= Explications un peu rapides
info- Aucune explication
info- Informations contradictoires
info- On ne sait rien
info- Manque total d'information
rel+ Accueil très agréable
rel+ À l'écoute et professionnel
rel+ Accueil chaleureux et efficace
rel+ Merci pour votre écoute
rel= Accueil correct
rel= Poli mais pressé
rel= Accueil sans plus
rel- Accueil désagréable
rel- Manque d'écoute
rel- Ton désagréable
rel- Aucune considération
réac+ Réponse rapide
réac+ Très réactif
réac+ Traitement rapide et efficace
réac+ Délai très court
réac= Délai raisonnable
réac= Délai correct
réac= Un peu long
réac- Délais trop longs
réac- Toujours pas de réponse
réac- Attente interminable
réac- Aucun suivi
simp+ Démarche simple
simp+ Simple et efficace
simp+ Plus facile que prévu
simp= Démarche perfectible
simp= Un peu compliqué
simp= Simple, à quelques détails près
simp- Trop compliqué
simp- Démarche décourageante
simp- Parcours du combattant
simp- Usine à gaz
""")

_TITLES_OF_ANY_AXIS: dict[str, tuple[str, ...]] = {
    POSITIVE: ("Très satisfait{e}", "Merci {au}", "Très bon service", "Bravo à l'équipe"),
    NEUTRAL: ("Avis mitigé", "Peut mieux faire", "Service moyen"),
    NEGATIVE: ("Très déçu{e}", "Inadmissible", "À revoir d'urgence", "Service défaillant"),
}

TITLES: Bank = {
    axis: {mood: moods[mood] + _TITLES_OF_ANY_AXIS[mood] for mood in MOODS}
    for axis, moods in _TITLES_BY_AXIS.items()
}

USER, RELATIVE, PROFESSIONAL, CHARITY = "Usager", "Proche", "Professionnel", "Association"

INTRODUCTIONS: dict[str, tuple[str, ...]] = {
    RELATIVE: lines("""
        J'écris pour ma sœur, qui n'a pas Internet.
        J'aide mon frère dans ses démarches.
        J'accompagne un proche dans cette démarche.
        J'écris pour ma fille, qui vient de s'installer seule.
        Je m'occupe des démarches de ma sœur.
        Je fais les démarches pour mon fils majeur.
    """),
    CHARITY: lines("""
        Notre association accompagne une personne qui lit mal le français.
        Je suis bénévole et j'aide une personne isolée dans ses démarches.
        Témoignage recueilli lors de notre permanence, pour une personne sans accès à Internet.
    """),
}

WAITS_LONG = lines("""
    trois semaines
    un mois
    six semaines
    un mois et demi
    deux mois
    trois mois
    quatre mois
""")
WAITS_SHORT = ("48 heures", "trois jours", "quelques jours", "moins d'une semaine", "une semaine")
QUEUES_LONG = (
    "quarante minutes",
    "trois quarts d'heure",
    "plus d'une heure",
    "une heure et demie",
    "près de deux heures",
)
QUEUES_SHORT = ("deux minutes", "cinq minutes", "dix minutes", "quelques minutes")

_CAF = (
    Situation(
        "Demande d'APL",
        "ma demande d'APL",
        "Logement,APL",
        """
        réac+ Les droits à l'APL ont été ouverts en {court} et le versement a suivi.
        réac= Le premier versement de l'APL est arrivé avec un mois de décalage.
        réac- L'APL est bloquée depuis {long} et le loyer, lui, n'attend pas.
        info+ On sait maintenant comment l'APL est calculée à partir des revenus récents.
        info= Le simulateur donne un ordre de grandeur, le montant versé est un peu différent.
        info- Le montant de l'APL a changé sans la moindre explication.
        simp+ L'attestation de loyer est venue directement du bailleur, rien à renvoyer.
        simp- Bail, attestation de loyer, quittances : on redemande tout à chaque échange.
        """,
        weight=4,
    ),
    Situation(
        "Demande de RSA",
        "ma demande de RSA",
        "Insertion,RSA",
        """
        réac+ La demande de RSA a été étudiée en {court}.
        réac- Le RSA a été suspendu du jour au lendemain et rien n'a bougé depuis {long}.
        info+ On m'a aussi signalé d'autres aides auxquelles je n'aurais pas pensé.
        info- Un trop-perçu de RSA est réclamé sans en donner le détail.
        simp= La déclaration de RSA est plus lisible qu'avant, il reste des cases obscures.
        simp- Une case mal cochée dans la déclaration de RSA et tout est à refaire.
        """,
        weight=3,
        shareable=True,
    ),
    Situation(
        "Prime d'activité",
        "ma prime d'activité",
        "Insertion,Prime d'activité",
        """
        réac+ La prime d'activité a été recalculée en {court}.
        réac- La prime d'activité n'est plus versée depuis {long}, sans motif.
        info= Le montant de la prime varie, on finit par comprendre pourquoi.
        info- Le montant de la prime change tous les trois mois, sans que l'on sache pourquoi.
        simp+ La déclaration trimestrielle est préremplie, il n'y a plus qu'à vérifier.
        simp- La déclaration trimestrielle est un casse-tête dès qu'on a plusieurs employeurs.
        """,
        weight=4,
    ),
    Situation(
        "Changement de situation",
        "mon changement de situation",
        "Dossier,Situation familiale",
        """
        réac+ Le changement de situation a été pris en compte en {court}.
        réac- Le changement déclaré il y a {long} n'est toujours pas pris en compte.
        info- Après cette déclaration, une dette est apparue et personne ne sait l'expliquer.
        info+ Les conséquences du changement sur les droits ont été bien détaillées.
        simp= Déclarer le changement est facile, corriger une erreur l'est beaucoup moins.
        """,
        weight=3,
        shareable=True,
    ),
    Situation(
        "Allocation aux adultes handicapés",
        "mon dossier d'AAH",
        "Handicap,AAH",
        """
        réac+ Le renouvellement de l'AAH s'est fait sans interruption de versement.
        réac- Entre la MDPH et la Caf, le renouvellement de l'AAH est à l'arrêt depuis {long}.
        acc- Rien n'est vraiment prévu pour une personne en situation de handicap.
        acc+ Le handicap a été pris en compte dès la prise de rendez-vous.
        """,
        shareable=True,
    ),
    Situation(
        "Prime à la naissance",
        "ma prime à la naissance",
        "Petite enfance,Paje",
        """
        réac+ La prime à la naissance a été versée en {court}.
        réac- L'enfant a déjà trois mois et la prime à la naissance n'est toujours pas versée.
        simp+ L'acte de naissance envoyé en photo a suffi.
        simp= Il a fallu envoyer l'acte de naissance deux fois, puis tout est rentré dans l'ordre.
        """,
        shareable=True,
    ),
    Situation(
        "Complément de mode de garde",
        "mon complément de mode de garde",
        "Petite enfance,CMG",
        """
        info+ Le nouveau calcul du complément de mode de garde a été bien expliqué.
        info- Le calcul du complément de mode de garde a changé et personne ne sait l'expliquer.
        réac- Le complément n'est plus versé depuis {long}, il faut avancer le salaire de la nounou.
        """,
    ),
    Situation(
        "Pension alimentaire",
        "ma demande d'intermédiation de pension alimentaire",
        "Famille,Aripa",
        """
        rel+ Une situation délicate, traitée avec beaucoup de tact.
        rel- Sur un sujet aussi douloureux, on attend un minimum de délicatesse.
        réac+ La pension alimentaire est de nouveau versée chaque mois, quel soulagement.
        réac- La pension alimentaire n'est plus recouvrée depuis {long}.
        """,
        weight=1,
        shareable=True,
    ),
    Situation(
        "Attestation de quotient familial",
        "mon attestation de quotient familial",
        "Dossier,Quotient familial",
        """
        simp+ L'attestation se télécharge en deux clics.
        réac- Le quotient familial date, et depuis {long} la cantine est au plein tarif.
        info= Le mode de calcul du quotient familial reste un peu mystérieux.
        """,
        (WEB, APP, PHONE),
    ),
    Situation(
        "Trop-perçu",
        "mon trop-perçu",
        "Recouvrement,Trop-perçu",
        """
        réac+ Un échéancier a été proposé tout de suite.
        rel+ Pas de jugement, on a cherché une solution supportable avec moi.
        info+ L'origine du trop-perçu a été expliquée mois par mois.
        info- Une somme est réclamée sans en détailler le calcul.
        réac- La contestation envoyée il y a {long} reste lettre morte, et les retenues continuent.
        """,
        (COUNTER, PHONE, EMAIL, LETTER),
    ),
)

_CPAM = (
    Situation(
        "Carte Vitale",
        "mon renouvellement de carte Vitale",
        "Carte Vitale",
        """
        réac+ La nouvelle carte Vitale est arrivée en {court}.
        réac= La carte Vitale est arrivée au bout d'un mois, comme annoncé.
        réac- Toujours pas de carte Vitale depuis {long}, il faut avancer tous les frais.
        simp+ La photo et la pièce d'identité s'envoient très facilement.
        simp- La photo est refusée pour la troisième fois sans que l'on sache ce qui ne va pas.
        """,
        weight=4,
    ),
    Situation(
        "Arrêt de travail",
        "mon arrêt de travail",
        "Arrêt de travail",
        """
        réac+ L'arrêt de travail a été enregistré le jour même.
        réac- L'arrêt de travail n'apparaît pas, alors que le médecin l'a transmis il y a {long}.
        info+ Les heures de sortie et le rôle de l'employeur ont été bien expliqués.
        info- On m'a reproché un envoi tardif, alors que l'arrêt a été transmis à temps.
        """,
        weight=3,
    ),
    Situation(
        "Indemnités journalières",
        "mes indemnités journalières",
        "Arrêt de travail,Indemnités journalières",
        """
        réac+ Les indemnités ont été versées très vite après l'attestation de l'employeur.
        réac= Le versement des indemnités a pris un bon mois, sans relance de ma part.
        réac- Aucune indemnité journalière depuis {long}, et le loyer tombe quand même.
        info+ Le calcul des indemnités journalières a été détaillé ligne par ligne.
        info- L'employeur dit avoir tout envoyé, la caisse dit n'avoir rien reçu.
        """,
        weight=4,
        shareable=True,
    ),
    Situation(
        "Remboursement de soins",
        "mes remboursements de soins",
        "Remboursement",
        """
        réac+ Le remboursement est arrivé en {court}.
        réac- Des soins payés il y a {long} ne sont toujours pas remboursés.
        info- Le remboursement est inférieur à ce qui était annoncé, sans explication.
        info= Le détail des remboursements est complet, mais difficile à lire.
        simp+ Même les feuilles de soins papier ont été traitées sans difficulté.
        simp- Une feuille de soins égarée et c'est à l'assuré de tout refaire.
        """,
        weight=4,
    ),
    Situation(
        "Complémentaire santé solidaire",
        "ma demande de Complémentaire santé solidaire",
        "Complémentaire santé solidaire",
        """
        réac+ L'accord pour la Complémentaire santé solidaire est arrivé en {court}.
        réac- La demande de Complémentaire santé solidaire est à l'étude depuis {long}.
        simp- Le dossier demande les revenus de toute la famille sur un an, c'est décourageant.
        simp+ Le renouvellement de la Complémentaire santé solidaire s'est fait automatiquement.
        info+ On a vérifié avec moi si d'autres droits étaient ouverts.
        """,
        weight=3,
        shareable=True,
    ),
    Situation(
        "Affection de longue durée",
        "ma prise en charge en affection de longue durée",
        "ALD,Prise en charge",
        """
        réac+ La prise en charge à 100 % a été accordée en {court}.
        réac- Le protocole envoyé par le médecin est sans réponse depuis {long}.
        rel+ Beaucoup de délicatesse pour parler de la maladie.
        info- Impossible de savoir quels soins sont pris en charge à 100 %.
        """,
    ),
    Situation(
        "Rattachement d'un enfant",
        "ma demande de rattachement de mon enfant",
        "Naissance,Rattachement",
        """
        réac+ L'enfant a été rattaché aux deux parents en {court}.
        réac- L'enfant n'est toujours pas rattaché, {long} après la naissance.
        simp+ Un seul formulaire et l'acte de naissance, rien de plus.
        """,
        shareable=True,
    ),
    Situation(
        "Changement de caisse",
        "mon changement de caisse",
        "Déménagement,Changement de caisse",
        """
        réac+ Le dossier a suivi d'un département à l'autre en {court}.
        réac- Le dossier est perdu entre l'ancienne caisse et la nouvelle depuis {long}.
        info- Chaque caisse m'assure que c'est à l'autre d'agir.
        """,
        shareable=True,
    ),
    Situation(
        "Accident du travail",
        "mon dossier d'accident du travail",
        "Accident du travail",
        """
        info+ Les droits après un accident du travail ont été expliqués un par un.
        réac- L'accident n'est toujours pas reconnu, {long} après la déclaration.
        simp- Employeur, médecin, caisse : il faut faire soi-même le facteur entre les trois.
        """,
        weight=1,
        shareable=True,
    ),
    Situation(
        "Carte européenne",
        "ma carte européenne d'assurance maladie",
        "Carte européenne",
        """
        simp+ La commande de la carte européenne prend une minute.
        réac+ Le certificat provisoire était disponible tout de suite, la carte a suivi.
        réac- La carte européenne est arrivée après le retour de vacances.
        """,
        (WEB, APP, PHONE),
        weight=1,
    ),
)

_SAFETY = (
    Situation(
        "Dépôt de plainte",
        "mon dépôt de plainte",
        "Plainte",
        """
        acc- On m'a demandé de revenir le lendemain, puis encore le jour suivant, pour la plainte.
        rel+ {Agent} qui a pris la plainte a su me mettre en confiance.
        rel- On a essayé de me décourager de porter plainte.
        info+ On m'a remis le récépissé et expliqué la suite de la procédure.
        info- On ne m'a même pas remis de récépissé.
        réac+ La plainte a été prise tout de suite, sans rendez-vous.
        réac- Aucune nouvelle de la plainte depuis {long}.
        simp= Le dépôt de plainte a pris deux heures, mais rien n'a été oublié.
        """,
        (COUNTER,),
        weight=5,
        shareable=True,
    ),
    Situation(
        "Pré-plainte en ligne",
        "ma pré-plainte",
        "Plainte,Pré-plainte",
        """
        simp+ La pré-plainte fait gagner un temps précieux, il ne reste qu'à signer.
        simp- Après avoir tout rempli en ligne, il a fallu tout recommencer sur place.
        réac+ Le rendez-vous de signature a été fixé en {court}.
        réac- Personne ne propose de rendez-vous pour signer la pré-plainte envoyée il y a {long}.
        info= Le formulaire n'explique pas vraiment ce qui relève ou non de la pré-plainte.
        """,
        (WEB, COUNTER),
        weight=3,
    ),
    Situation(
        "Opération tranquillité vacances",
        "mon inscription à l'opération tranquillité vacances",
        "Prévention,Tranquillité vacances",
        """
        réac+ Des patrouilles sont bien passées, avec un avis dans la boîte aux lettres.
        réac- Aucun passage n'a été signalé pendant trois semaines d'absence.
        simp+ L'inscription à l'opération tranquillité vacances se fait en quelques minutes.
        simp= Il faut encore passer sur place pour valider l'inscription, dommage.
        info- La confirmation de l'inscription n'est jamais arrivée.
        """,
        (WEB, COUNTER, APP),
        weight=2,
    ),
    Situation(
        "Main courante",
        "ma main courante",
        "Main courante",
        """
        info+ On m'a bien expliqué la différence entre une main courante et une plainte.
        info- On m'a orienté{e} vers une main courante plutôt qu'une plainte, sans dire pourquoi.
        rel+ Pas de jugement, on m'a laissé{e} raconter à mon rythme.
        réac= L'enregistrement s'est fait dans l'heure, c'est correct.
        """,
        (COUNTER,),
    ),
    Situation(
        "Nuisances sonores",
        "mon signalement de nuisances sonores",
        "Tranquillité publique",
        """
        réac+ Une patrouille est passée dans la demi-heure et le calme est revenu.
        réac= La patrouille est passée, mais le bruit avait déjà cessé.
        réac- Aucune patrouille, malgré quatre appels dans la nuit.
        info- On répond que cela relève de la mairie, la mairie dit le contraire.
        """,
        (PHONE,),
        weight=3,
        paperless=True,
    ),
    Situation(
        "Vol de vélo",
        "ma plainte après un vol de vélo",
        "Plainte,Vol",
        """
        réac+ Le vélo a été retrouvé en {court} grâce à son marquage.
        réac- La plainte a été classée sans suite et je l'ai appris {long} plus tard.
        rel- On m'a fait comprendre qu'un vélo volé n'intéressait personne.
        info+ De bons conseils sur le marquage et les antivols.
        """,
        (COUNTER, WEB),
    ),
    Situation(
        "Procuration de vote",
        "ma procuration de vote",
        "Élections,Procuration",
        """
        simp+ Demande préparée en ligne, validée sur place en {peu} : parfait.
        simp= La demande se prépare en ligne, mais il faut encore venir la faire valider.
        acc- Il a fallu revenir deux fois pour faire valider la procuration.
        réac+ La procuration a été confirmée par message le jour même.
        """,
        (COUNTER,),
        weight=1,
    ),
    Situation(
        "Escroquerie sur Internet",
        "ma plainte après une escroquerie sur Internet",
        "Plainte,Escroquerie",
        """
        rel+ Aucun jugement, alors qu'on a un peu honte de s'être fait avoir.
        rel- On m'a laissé entendre que c'était de ma faute.
        info+ On m'a indiqué quoi dire à la banque et quels messages conserver.
        réac- La plainte pour escroquerie n'a donné lieu à aucun retour depuis {long}.
        simp- Il a fallu imprimer des dizaines de captures d'écran, faute de pouvoir les envoyer.
        """,
        (COUNTER, WEB),
    ),
    Situation(
        "Déclaration de perte",
        "ma déclaration de perte de papiers",
        "Perte,Papiers d'identité",
        """
        simp+ La déclaration de perte a été enregistrée sans formalité inutile.
        réac+ Les papiers avaient été rapportés, on m'a prévenu{e} aussitôt.
        info- Personne n'était d'accord sur l'endroit où déclarer la perte.
        """,
        (COUNTER, PHONE),
    ),
    Situation(
        "Plainte pour violences",
        "ma plainte après des violences",
        "Plainte,Aide aux victimes",
        """
        rel+ On m'a reçu{e} dans une pièce à part, avec beaucoup de tact.
        rel- Devoir raconter cela devant tout le monde à l'accueil est très éprouvant.
        info+ On m'a donné les coordonnées d'une association d'aide aux victimes.
        réac+ La plainte a été prise immédiatement et une protection proposée.
        réac= Il a fallu attendre un peu, mais la plainte a été prise le jour même.
        réac- Aucune nouvelle depuis la plainte, {long} à vivre dans la peur.
        """,
        (COUNTER,),
        weight=1,
        paperless=True,
        shareable=True,
    ),
)

_COUNTRYSIDE = (
    Situation(
        "Cambriolage",
        "ma déclaration de cambriolage",
        "Cambriolage,Intervention",
        """
        réac+ La patrouille est arrivée très vite, dans un hameau pourtant isolé.
        réac= Il a fallu patienter une bonne heure, le temps qu'une patrouille se libère.
        réac- Il a fallu attendre le lendemain pour que quelqu'un vienne constater.
        info+ De bons conseils pour mieux protéger la maison, sans faire peur.
        rel+ Des gendarmes rassurants, qui sont repassés prendre des nouvelles.
        """,
        (PHONE,),
        weight=3,
        paperless=True,
    ),
    Situation(
        "Sécurité routière",
        "mon signalement de conduites dangereuses",
        "Sécurité routière",
        """
        réac+ Des contrôles ont eu lieu dans la semaine.
        réac= Un contrôle a eu lieu, il en faudrait d'autres.
        réac- Aucun contrôle malgré les signalements, jusqu'au prochain accident.
        info= On m'a répondu que des contrôles seraient faits, sans plus de détails.
        """,
        (PHONE, COUNTER),
        paperless=True,
    ),
)

_ANYTHING = tuple(
    Situation(label, subject, tags, "", shareable=True)
    for label, subject, tags in (
        ("Demande de renseignements", "ma demande de renseignements", "Information"),
        ("Suivi de dossier", "mon dossier en cours", "Dossier"),
        ("Dépôt de dossier", "mon dépôt de dossier", "Dossier,Dépôt"),
        ("Demande de document", "ma demande de document", "Document"),
        ("Réclamation", "ma réclamation", "Réclamation"),
    )
)

_POLICE_ACCESS = """
acc= Les effectifs sont comptés, mais on finit par trouver quelqu'un.
acc- Le manque d'effectifs se voit tout de suite.
"""
_GENDARMERIE_ACCESS = """
acc+ Avoir une brigade ouverte près de chez soi, à la campagne, c'est précieux.
acc= La brigade n'est pas ouverte tous les jours, il faut vérifier avant de venir.
acc- La brigade n'est ouverte que deux après-midi par semaine.
"""

THEMES: dict[str, Theme] = {
    "Caisse d'Allocations Familiales": Theme(
        safety=False,
        demand=5.0,
        positive=0.49,
        negative=0.35,
        le="la Caf",
        au="à la Caf",
        du="de la Caf",
        agent="le conseiller",
        site="le site caf.fr",
        app="l'application Caf - Mon Compte",
        channels={WEB: 7, PHONE: 5, COUNTER: 5, EMAIL: 1, LETTER: 1, APP: 1},
        sentences="""
        acc- Il faut compter {long} pour obtenir un rendez-vous.
        acc= Les rendez-vous se prennent en ligne, avec un délai d'une dizaine de jours.
        """,
        situations=_CAF,
        partner="la Caf",
        professional=lines("""
            Je travaille dans un centre social et j'accompagne une famille.
            J'écris pour une personne que j'accompagne dans le cadre de mon travail.
        """),
        professional_is_concerned=False,
        advice=lines("""
            L'avancement d'un dossier se suit dans l'espace Mon Compte, sur caf.fr.
            Un conseiller peut vous rappeler : un rendez-vous se prend sur caf.fr ou au 3230.
            Pour toute situation urgente, nous vous invitons à nous joindre au 3230.
        """),
        signatures=(
            "Le service relations usagers {du}",
            "Le pôle relation allocataires {du}",
            "La médiation administrative {du}",
        ),
        national="Le service relations usagers des Caf",
    ),
    "Caisses primaires d'assurance maladie": Theme(
        safety=False,
        demand=4.0,
        positive=0.57,
        negative=0.28,
        le="la CPAM",
        au="à la CPAM",
        du="de la CPAM",
        agent="le conseiller",
        site="le compte ameli",
        app="l'application compte ameli",
        channels={WEB: 6, PHONE: 6, COUNTER: 5, EMAIL: 1, LETTER: 1, APP: 2},
        sentences="""
        acc- Au guichet comme au téléphone, on renvoie toujours vers le compte ameli.
        acc+ Entre le compte ameli et l'accueil, on trouve toujours un moyen de joindre quelqu'un.
        """,
        situations=_CPAM,
        partner="la CPAM",
        professional=lines("""
            Je travaille dans un cabinet infirmier et j'aide une patiente.
            Je travaille au service social d'un hôpital et j'accompagne un patient.
        """),
        professional_is_concerned=False,
        advice=lines("""
            Votre compte ameli permet de suivre chaque étape d'une demande.
            Nos conseillers sont joignables au 3646, du lundi au vendredi.
            Un rendez-vous, sur place ou par téléphone, peut être pris depuis le compte ameli.
        """),
        signatures=(
            "Le service relations usagers {du}",
            "Le service relations clients {du}",
            "Le pôle réclamations {du}",
        ),
        national="Le service relations usagers de l'Assurance maladie",
    ),
    "Police nationale": Theme(
        safety=True,
        demand=3.0,
        positive=0.54,
        negative=0.32,
        le="le commissariat",
        au="au commissariat",
        du="du commissariat",
        agent="le policier",
        site="le site masecurite.interieur.gouv.fr",
        app="l'application Ma Sécurité",
        channels={COUNTER: 6, PHONE: 3, WEB: 2, APP: 1},
        sentences=_POLICE_ACCESS,
        situations=_SAFETY,
        partner="le commissariat",
        professional=lines("""
            Je tiens un commerce dans le quartier.
            Je tiens un restaurant en centre-ville.
        """),
        professional_is_concerned=True,
        advice=lines("""
            Les démarches en ligne et les rendez-vous sont réunis sur masecurite.interieur.gouv.fr.
            Le référent accueil reste à votre disposition pour en parler de vive voix.
            Vous pouvez aussi nous écrire par la messagerie de masecurite.interieur.gouv.fr.
        """),
        signatures=(
            "Le service relations usagers {du}",
            "Le référent accueil du public {du}",
            "Le bureau de la qualité de l'accueil {du}",
        ),
        national="Le service relations usagers de la police nationale",
    ),
    "Gendarmerie nationale": Theme(
        safety=True,
        demand=1.2,
        positive=0.69,
        negative=0.19,
        le="la gendarmerie",
        au="à la gendarmerie",
        du="de la gendarmerie",
        agent="le gendarme",
        site="le site masecurite.interieur.gouv.fr",
        app="l'application Ma Sécurité",
        channels={COUNTER: 5, PHONE: 4, WEB: 2, APP: 1},
        sentences=_GENDARMERIE_ACCESS,
        situations=_SAFETY + _COUNTRYSIDE,
        partner="la gendarmerie",
        professional=lines("""
            Je tiens une exploitation agricole à l'écart du bourg.
            Je tiens le seul commerce du village.
        """),
        professional_is_concerned=True,
        advice=lines("""
            La brigade numérique répond jour et nuit sur masecurite.interieur.gouv.fr.
            La brigade reste à votre disposition pour reprendre ce point avec vous.
            Vous pouvez aussi nous écrire par la messagerie de masecurite.interieur.gouv.fr.
        """),
        signatures=(
            "Le service relations usagers {du}",
            "Le commandement {du}",
            "Le référent accueil du public {du}",
        ),
        national="Le service relations usagers de la gendarmerie nationale",
    ),
}

OTHER = Theme(
    safety=False,
    demand=2.0,
    positive=0.56,
    negative=0.29,
    le="l'accueil",
    au="à l'accueil",
    du="de l'accueil",
    agent="l'agent",
    site="le site internet",
    app="l'application mobile",
    channels={COUNTER: 5, PHONE: 4, WEB: 5, EMAIL: 2, LETTER: 1},
    sentences="",
    situations=_ANYTHING,
    partner="un autre service",
    professional=lines("""
        Je dirige une petite entreprise.
        Je suis secrétaire dans une petite structure.
    """),
    professional_is_concerned=True,
    advice=lines("""
        Nos équipes restent à votre disposition aux heures d'ouverture.
        Un conseiller France services peut aussi vous accompagner près de chez vous.
    """),
    signatures=("Le service relations usagers, {nom}", "L'équipe chargée de l'accueil, {nom}"),
    national="Le service relations usagers",
)

ACTIONS: dict[str, tuple[str, ...]] = {
    "accessibilite": (
        "Élargissement des plages d'accueil",
        "Renfort du standard téléphonique",
        "Mise en accessibilité du hall d'accueil",
    ),
    "information_explication": (
        "Réécriture des courriers types",
        "Fiche explicative remise à l'accueil",
    ),
    "relation": (
        "Formation à l'accueil des équipes",
        "Aménagement d'un espace de confidentialité",
    ),
    "reactivite": (
        "Message d'information sur les délais",
        "Renfort temporaire pour résorber le retard",
    ),
    "simplicite": (
        "Suppression d'une pièce justificative",
        "Simplification du formulaire en ligne",
    ),
}

REPLY_OPENINGS: dict[str, tuple[str, ...]] = {
    POSITIVE: lines("""
        Nous vous remercions pour ce retour très encourageant.
        Merci d'avoir pris le temps de partager cette expérience positive.
        Votre message a été transmis à l'équipe concernée, qui y est très sensible.
        Nous avons lu votre témoignage avec grand intérêt.
        Nous sommes heureux que la prise en charge vous ait donné satisfaction (« {label} »).
    """),
    NEUTRAL: lines("""
        Nous vous remercions pour votre témoignage, qui nous aide à progresser.
        Merci pour cet avis nuancé, que nous avons lu avec attention.
        Nous avons bien pris connaissance de votre avis (« {label} ») et vous en remercions.
    """),
    NEGATIVE: lines("""
        Nous avons lu votre témoignage avec attention et regrettons les difficultés rencontrées.
        Nous sommes désolés que votre expérience n'ait pas été à la hauteur de vos attentes.
        Nous vous remercions de votre message et comprenons votre mécontentement.
        Nous vous présentons nos excuses pour les désagréments subis (« {label} »).
    """),
}

REPLIES = bank("""
acc+ Rester proches et faciles à joindre est l'un de nos engagements.
acc+ Nous avons à cœur que chacun puisse accéder simplement à nos services.
acc= Plusieurs aménagements sont à l'étude pour rendre le service plus accessible.
acc= Nous travaillons à rendre ce service plus facile d'accès.
acc- Ces difficultés d'accès ne sont pas normales et nous cherchons à y remédier.
acc- Les conditions d'accès au service seront réexaminées à la lumière de votre témoignage.
info+ Nos équipes attachent beaucoup d'importance à la clarté des explications.
info+ Nous veillons à donner une information complète dès le premier contact.
info= Nous allons rendre nos explications plus complètes sur ce point.
info= Les informations mises en ligne seront relues en tenant compte de votre remarque.
info- Une information claire aurait dû vous être donnée et nous le rappelons à nos équipes.
info- Nous reprenons nos documents d'information pour qu'ils soient mieux compris.
rel+ La qualité de l'accueil est au cœur de notre métier et ces mots nous touchent.
rel+ L'écoute et la courtoisie font partie de nos engagements, vos mots nous encouragent.
rel= Nous avons rappelé aux équipes l'importance de prendre le temps de l'échange.
rel= Votre remarque sur l'accueil sera partagée lors de notre prochaine réunion d'équipe.
rel- L'attitude décrite ne correspond pas à la qualité d'accueil que nous devons à chacun.
rel- Votre témoignage a été évoqué avec l'équipe, et un rappel des règles d'accueil a été fait.
réac+ Répondre dans de bons délais est un objectif que nous suivons de près.
réac+ Nous mettons tout en œuvre pour traiter chaque demande rapidement.
réac= Nos délais s'améliorent, mais nous savons qu'ils peuvent encore être réduits.
réac= Le traitement des demandes a été ralenti par un volume inhabituel.
réac- Nos délais sont actuellement trop longs et des renforts ont été mis en place.
réac- Le retard constaté s'explique par un volume inhabituel de demandes.
simp+ Simplifier les démarches est un travail de longue haleine, votre avis nous conforte.
simp+ Nous continuerons à alléger nos démarches autant que possible.
simp= Cette démarche doit encore être simplifiée et votre remarque nous y aidera.
simp= Votre remarque est transmise à l'équipe chargée de cette démarche.
simp- Nous comprenons que ces étapes puissent décourager et travaillons à les alléger.
simp- Cette difficulté est signalée à l'équipe chargée de la démarche.
""")

PRIVACY = lines("""
    Pour des raisons de confidentialité, nous ne pouvons pas détailler votre situation ici.
    Cet espace étant public, nous vous invitons à nous écrire directement avec vos références.
""")

REPLY_CLOSINGS = ("Cordialement,", "Bien cordialement,", "Avec nos salutations les meilleures,")

# --- Scenes: what may be said of a procedure ------------------------------------------------


class Scene(NamedTuple):
    """A procedure through a channel, with all that may be said of it.

    `leads` are the axes a review of each mood may open with, `further` those it may go on to.
    """

    situation: Situation
    channel: str
    channels: tuple[str, ...]
    subject_of_another: str
    sentences: Bank
    leads: dict[str, tuple[str, ...]]
    further: dict[str, tuple[tuple[str, ...], ...]]


_MY = re.compile(r"\bm(?=(?:on|a|es)\b)")
_OWN_SHARE = 3  # a procedure's own sentence is worth three that fit any procedure
_ABOUT_PAPERS = ("reactivite", "simplicite")


def scenes(theme: Theme) -> tuple[Scene, ...]:
    """Every scene of a network, each as many times as it is frequent."""
    return tuple(
        scene
        for situation in theme.situations
        for channel, weight in theme.channels.items()
        if channel in situation.channels
        for scene in [_scene(theme, situation, channel)] * (situation.weight * weight)
    )


def _scene(theme: Theme, situation: Situation, channel: str) -> Scene:
    own = bank(situation.sentences)
    sentences = _sentences(theme, situation, channel)
    axes = [axis for axis in AXES if all(sentences[axis].values())]
    return Scene(
        situation,
        channel,
        channels=_channels(theme, channel),
        subject_of_another=_MY.sub("s", situation.subject),
        sentences=sentences,
        leads={
            mood: tuple(axis for axis in axes for _ in range(1 + 2 * len(own[axis][mood])))
            for mood in MOODS
        },
        further={axis: _further([other for other in axes if other != axis]) for axis in axes},
    )


def _sentences(theme: Theme, situation: Situation, channel: str) -> Bank:
    own = bank(situation.sentences)
    if situation.paperless:
        shared = bank(*BY_CHANNEL[channel], theme.sentences)
        shared |= {axis: dict.fromkeys(MOODS, ()) for axis in _ABOUT_PAPERS}
    else:
        shared = bank(*BY_CHANNEL[channel], theme.sentences, EVERYWHERE)
    return {
        axis: {mood: shared[axis][mood] + own[axis][mood] * _OWN_SHARE for mood in MOODS}
        for axis in AXES
    }


def _channels(theme: Theme, channel: str) -> tuple[str, ...]:
    """The channel alone or, less often, with another."""
    pairs = tuple(
        ",".join(sorted((channel, other), key=CHANNELS.index))
        for other in theme.channels
        if other != channel
    )
    return (channel,) * (3 * len(pairs)) + pairs


def _further(axes: list[str]) -> tuple[tuple[str, ...], ...]:
    """No other axis, one or two: in about 44, 37 and 19 cases of a hundred."""
    one, two = tuple(combinations(axes, 1)), tuple(combinations(axes, 2))
    return ((),) * 14 + one * 3 + two


# --- Places: what people call an office -----------------------------------------------------

_TOWN_IN_NAME = re.compile(
    r"(?:accueil|siège|police|gendarmerie) (de |d'|du |des )(.+?)(?: - .*)?$"
)
_NOT_THE_TOWN = re.compile(r" (?:Cedex|\d+er?\b).*", re.IGNORECASE)
_ARTICLES = {"du ": ("Le ", "au "), "des ": ("Les ", "aux ")}
_ELIDED = tuple("AEIOUYHÂÉÈÊÎÔŒ")
_ASPIRATED = ("Haguenau", "Ham", "Hem", "Houdan", "Houilles", "Huningue")


class Place(NamedTuple):
    """An office as sentences speak of it."""

    theme: Theme
    forms: dict[str, str]


def place_of(network: str, name: str, city: str) -> Place:
    """The office of that name and city.

    The name is asked for the town first: the address of a branch is often its head office's.
    """
    theme = theme_of(network)
    match = _TOWN_IN_NAME.search(name)
    preposition, bare = match.groups() if match else _preposition(town(city))
    article, at = _ARTICLES.get(preposition, ("", "à "))
    forms = {
        "le": f"{theme.le} {preposition}{bare}".rstrip(),
        "au": f"{theme.au} {preposition}{bare}".rstrip(),
        "du": f"{theme.du} {preposition}{bare}".rstrip(),
        "a_ville": town(at + bare) if bare else "dans le département",
        "Agent": theme.agent.capitalize(),
        "site": theme.site,
        "appli": theme.app,
        "nom": name or article + bare,
    }
    return Place(theme, forms)


def theme_of(network: str) -> Theme:
    """How a network is spoken of, known or not."""
    return THEMES.get(network, OTHER)


def town(city: str) -> str:
    """The city of an address without its Cedex or district."""
    return _NOT_THE_TOWN.sub("", city)


def _preposition(name: str) -> tuple[str, str]:
    """The word "de" as it is written before a town, and what then remains of the town."""
    for contracted, (article, _) in _ARTICLES.items():
        if name.startswith(article):
            return contracted, name.removeprefix(article)
    elided = name.startswith(_ELIDED) and not name.startswith(_ASPIRATED)
    return "d'" if elided else "de " if name else "", name


# --- The pen --------------------------------------------------------------------------------

_OTHER_MOODS = {
    POSITIVE: spread({POSITIVE: 8, NEUTRAL: 1, NEGATIVE: 1}),
    NEUTRAL: spread({NEUTRAL: 4, POSITIVE: 3, NEGATIVE: 3}),
    NEGATIVE: spread({NEGATIVE: 8, NEUTRAL: 1, POSITIVE: 1}),
}
_OPPOSITES = {POSITIVE: NEGATIVE, NEGATIVE: POSITIVE}
_AUTHORS = spread({USER: 85, RELATIVE: 8, PROFESSIONAL: 4, CHARITY: 3})

# What the export does to text: what is replaced, by what, how many times at most.
_DIRT = (
    (" ", "\u00a0", 3),
    (" ", "&nbsp;", 2),
    (" ", "  ", 2),
    ("'", "&#39;", -1),
    ("é", "&eacute;", -1),
    (". ", ".\r\n", 2),
    ("\n", "\r\n", -1),
)
_DIRTY = 0.05
_TERSE = 0.1  # says it in a sentence or two


class Story(NamedTuple):
    """What one person has to say; `lead` is the axis that made them write."""

    place: Place
    scene: Scene
    mood: str
    lead: str
    axes: dict[str, str]
    author: str
    introductions: tuple[str, ...]
    partnership: tuple[str, ...]
    forms: dict[str, str]


class Pen:
    """Writes the titles, descriptions and replies, drawing from one source of chance."""

    def __init__(self, rng: Random) -> None:
        self.random = rng.random

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, all as likely."""
        return options[int(self.random() * len(options))]

    def story(self, scene: Scene, mood: str, places: Sequence[Place]) -> Story:
        """What someone would tell of the first place, the others having their part in it."""
        pick, place = self.pick, places[0]
        lead, author = pick(scene.leads[mood]), pick(_AUTHORS)
        axes = {lead: mood}
        for axis in pick(scene.further[lead]):
            axes[axis] = pick(_OTHER_MOODS[mood])
        mine = author == USER or (author == PROFESSIONAL and place.theme.professional_is_concerned)
        forms = {
            **place.forms,
            "objet": scene.situation.subject if mine else scene.subject_of_another,
            "mon": "mon" if mine else "son",
            "e": pick(("", "e")),
            "partenaires": " et ".join(dict.fromkeys(place.theme.partner for place in places[1:])),
            "long": pick(WAITS_LONG),
            "court": pick(WAITS_SHORT),
            "attente": pick(QUEUES_LONG),
            "peu": pick(QUEUES_SHORT),
        }
        introductions = INTRODUCTIONS.get(author, place.theme.professional)
        partnership = self._partnership(scene, mood, places)
        return Story(place, scene, mood, lead, axes, author, introductions, partnership, forms)

    def _partnership(self, scene: Scene, mood: str, places: Sequence[Place]) -> tuple[str, ...]:
        if len(places) == 1:
            return ()
        mixed = len({place.theme.safety for place in places}) > 1
        because = (self.pick(STOLEN),) if mixed and not scene.situation.paperless else ()
        return (*because, self.pick(PARTNERS[mood]))

    def title(self, story: Story) -> str:
        """A few words, at times after the name of the procedure."""
        title = self.pick(TITLES[story.lead][story.mood]).format_map(story.forms)
        if self.random() < 0.4:
            title = f"{story.scene.situation.label} : {title[0].lower()}{title[1:]}"
        return self.soil(title)

    def description(self, story: Story) -> str:
        """From one sentence to a page; what goes against the whole comes last."""
        opposite = _OPPOSITES.get(story.mood)
        told: list[str] = []
        against: list[str] = []
        for axis, mood in story.axes.items():
            sentence = self.pick(story.scene.sentences[axis][mood])
            (against if mood == opposite else told).append(sentence)
        if story.author != USER or story.partnership or self.random() > _TERSE:
            told = [*self._before(story), *told, *self._after(story)]
        if opposite and against:
            told += [self.pick(CONTRASTS[opposite]), *against]
        return self.soil(" ".join(told).format_map(story.forms))

    def _before(self, story: Story) -> Iterator[str]:
        pick, random = self.pick, self.random
        if story.author != USER:
            yield pick(story.introductions)
        elif random() < 0.25:
            yield pick(BACKGROUNDS)
        if random() < 0.35:
            yield pick(PREAMBLES[story.mood])
        yield pick(OPENINGS[story.scene.channel])

    def _after(self, story: Story) -> Iterator[str]:
        pick, random, mood = self.pick, self.random, story.mood
        yield from story.partnership
        if random() < 0.1 and not story.scene.situation.paperless:
            yield pick(NARRATIVES[mood])
        if random() < 0.3:
            yield pick(ASIDES[mood])
        if random() < 0.25 and mood != POSITIVE and not story.scene.situation.paperless:
            yield pick(SUGGESTIONS[story.lead])
        if random() < 0.55:
            yield pick(CLOSINGS[mood])

    def reply(self, place: Place, story: Story, *, by_office: bool) -> str:
        """A greeting, a body that fits the mood, and the signature of a function."""
        pick, mood, theme = self.pick, story.mood, place.theme
        body = [pick(REPLY_OPENINGS[mood]), pick(REPLIES[story.lead][mood])]
        if mood != POSITIVE:
            body.append(pick(theme.advice))
            if self.random() < 0.3:
                body.append(pick(PRIVACY))
        signature = pick(theme.signatures) if by_office else theme.national
        farewell = pick(REPLY_CLOSINGS)
        reply = f"Bonjour,\n\n{' '.join(body)}\n\n{farewell}\n{signature}"
        return self.soil(reply.format(**place.forms, label=story.scene.situation.label))

    def soil(self, text: str) -> str:
        """The text, now and then with the dirt that exports carry."""
        if self.random() < _DIRTY:
            for _ in range(self.pick((1, 1, 2))):
                text = text.replace(*self.pick(_DIRT))
        return text
