"""What clients are told, in French: the sentences as the code has them, and their translation."""

FRENCH = {
    # Codes: schema/errors.py.
    "No token was given.": "Aucun jeton n'a été donné.",
    "The token is not one that opens this service, or its account is closed.": (
        "Ce jeton n'ouvre pas ce service, ou son compte est fermé."
    ),
    "The token's time is over.": "Ce jeton a expiré.",
    "The session is over: sign in again.": "La session est terminée : reconnectez-vous.",
    "Too many bad tokens came from here: wait as long as `Retry-After` says.": (
        "Trop de jetons refusés venus d'ici : attendez le temps que dit `Retry-After`."
    ),
    "Too many subscriptions, or connections, at once.": (
        "Trop d'abonnements, ou de connexions, à la fois."
    ),
    "The keys of the token's issuer can't be had: try again in a moment.": (
        "Les clés de l'émetteur du jeton sont injoignables : réessayez dans un instant."
    ),
    "The body is not a GraphQL request.": "Le corps n'est pas une requête GraphQL.",
    "The body is larger than 1 MiB.": "Le corps dépasse 1 Mio.",
    "The body is not `application/json`.": "Le corps n'est pas en `application/json`.",
    "Pages of other sites ask with a token, not with the session of a browser.": (
        "Les pages d'autres sites demandent avec un jeton, pas avec la session d'un navigateur."
    ),
    "The answer is JSON, which `Accept` does not take.": (
        "La réponse est en JSON, que `Accept` n'admet pas."
    ),
    "Not by this method: `Allow` names those that are taken.": (
        "Pas par cette méthode : `Allow` nomme celles qui sont admises."
    ),
    "Only documents that are registered here are run so.": (
        "Seuls les documents enregistrés ici sont exécutés ainsi."
    ),
    "No document of that hash is registered here.": (
        "Aucun document de cette empreinte n'est enregistré ici."
    ),
    "There is nothing at this path: GraphQL is at /graphql.": (
        "Il n'y a rien à cette adresse : GraphQL est à /graphql."
    ),
    "The document is not GraphQL, or has too many tokens.": (
        "Le document n'est pas du GraphQL, ou il a trop de jetons lexicaux."
    ),
    "The document does not fit the schema.": "Le document ne correspond pas au schéma.",
    "The document nests too deep.": "Le document est trop imbriqué.",
    "The document repeats or branches too much.": "Le document se répète ou se ramifie trop.",
    "The operation costs more than one may.": "L'opération coûte plus qu'une ne le peut.",
    "The account asked for too much: wait as long as `Retry-After` says.": (
        "Le compte a trop demandé : attendez le temps que dit `Retry-After`."
    ),
    "A variable is missing or of the wrong type.": "Une variable manque ou n'a pas le bon type.",
    "An argument has a value that can't be right.": "Un argument a une valeur impossible.",
    "An id that this service did not issue, or of a thing of another type.": (
        "Un identifiant que ce service n'a pas émis, ou celui d'une chose d'un autre type."
    ),
    "A cursor of another list or order.": "Un curseur d'une autre liste ou d'un autre ordre.",
    "The parameters are {taken}, each of them once at most.": (
        "Les paramètres sont {taken}, chacun une fois au plus."
    ),
    "The period ends before it begins, or is too long.": (
        "La période finit avant de commencer, ou elle est trop longue."
    ),
    "More figures than one answer may hold.": (
        "C'est plus de chiffres qu'une réponse n'en contient."
    ),
    "Nothing by that id in the viewer's scope.": "Rien de cet identifiant dans votre périmètre.",
    "The structure has a reply, or a draft of one.": (
        "La structure a déjà une réponse, ou un brouillon."
    ),
    "The reply was withdrawn.": "La réponse a été retirée.",
    "It was changed since it was read.": "Cela a changé depuis sa lecture.",
    "In this state that can't be done; the message says what can.": (
        "Dans cet état, ce n'est pas possible ; le message dit ce qui l'est."
    ),
    "The network validates replies before they are published.": (
        "Ce réseau valide les réponses avant leur publication."
    ),
    "Nobody validates what they wrote.": "Nul ne valide ce qu'il a écrit.",
    "The review concerns that place already.": ("L'expérience concerne déjà cet endroit."),
    "The office is not below the present one: ask for a transfer.": (
        "La structure n'est pas rattachée à l'actuelle : demandez un transfert."
    ),
    "A draft of a reply would be read by another network.": (
        "Un brouillon de réponse serait lu par un autre réseau."
    ),
    "There is one under way: go on with that one.": (
        "Il y en a déjà un en cours : poursuivez celui-là."
    ),
    "Something else of its kind has that name.": ("Ce nom est déjà pris."),
    "What would be public seems to name someone: confirm that it may.": (
        "Ce qui serait public semble nommer quelqu'un : confirmez que c'est voulu."
    ),
    "The network wants each review answered by itself.": (
        "Ce réseau veut une réponse propre à chaque expérience."
    ),
    "The idempotency key stands for another request.": (
        "La clé d'idempotence désigne une autre demande."
    ),
    "It was erased for good: it does not come back.": (
        "Ce contenu a été effacé définitivement : il ne revient pas."
    ),
    "The identifier of the source stands for another review.": (
        "L'identifiant de la source désigne une autre expérience."
    ),
    "The file is larger than 5 MiB.": "Le fichier dépasse 5 Mio.",
    "The file is no PDF, PNG or JPEG, or is not what `Content-Type` says.": (
        "Le fichier n'est ni PDF, ni PNG, ni JPEG, ou n'est pas ce que dit `Content-Type`."
    ),
    "Too many files wait to be named in a report: name them first.": (
        "Trop de fichiers attendent d'être nommés dans un signalement : nommez-les d'abord."
    ),
    "The file can't be stored now, and nothing of it was: try again later.": (
        "Le fichier ne peut pas être enregistré, et rien n'en est gardé : réessayez plus tard."
    ),
    "What happened since can't all be told: read anew, follow from now on.": (
        "Tout ce qui s'est passé depuis ne peut être dit : relisez tout, puis suivez la suite."
    ),
    "There is nothing to export.": "Il n'y a rien à exporter.",
    "Too many exports: the message says how many there may be.": (
        "Trop d'exports : le message dit combien il peut y en avoir."
    ),
    "The export can't be fetched; its state says why.": (
        "L'export ne peut pas être téléchargé ; son état dit pourquoi."
    ),
    "The export's file is gone: ask for another.": (
        "Le fichier de l'export n'est plus là : demandez-en un autre."
    ),
    "Words were taken out since, or rights taken back: ask for another export.": (
        "Des mots ou des droits ont été retirés depuis : demandez un autre export."
    ),
    "It was revoked, or shut out, before.": "Cela a déjà été révoqué ou fermé.",
    "More than one's own: in scope, in rights or in time.": (
        "C'est plus que ses propres droits : en périmètre, en droits ou en durée."
    ),
    "The account is not shut out.": "Le compte n'est pas fermé.",
    "Nobody gives rights to themselves.": "Nul ne se donne des droits à soi-même.",
    "The database is away: try again in a moment.": (
        "La base de données est injoignable : réessayez dans un instant."
    ),
    "A fault of the service; its `id` is in the log.": (
        "Une faute du service ; son `id` est dans le journal."
    ),
    # The request.
    "The document is longer than 131,072 characters.": ("Le document dépasse 131 072 caractères."),
    "The hash is not that of the document.": "L'empreinte n'est pas celle du document.",
    "The variables hold more than 20,000 values.": "Les variables ont plus de 20 000 valeurs.",
    "The variables are nested more than 16 levels deep.": (
        "Les variables sont imbriquées à plus de 16 niveaux."
    ),
    "The body is not JSON.": "Le corps n'est pas du JSON.",
    "The body must be an object whose `query` is a GraphQL document.": (
        "Le corps doit être un objet dont `query` est un document GraphQL."
    ),
    "`variables` must be an object.": "`variables` doit être un objet.",
    "`operationName` must be a string.": "`operationName` doit être une chaîne.",
    "`extensions` must be an object.": "`extensions` doit être un objet.",
    "The body ended too early.": "Le corps s'est arrêté trop tôt.",
    "Name one of the document's operations in `operationName`.": (
        "Nommez une des opérations du document dans `operationName`."
    ),
    "Queries and mutations go by POST.": "Les requêtes et les mutations passent par POST.",
    "A subscription is followed over a WebSocket, or as `text/event-stream`.": (
        "Un abonnement se suit par WebSocket, ou en `text/event-stream`."
    ),
    # Arguments.
    "This is not an id of this service.": "Ce n'est pas un identifiant de ce service.",
    "This id is of type {found}, not {wanted}.": (
        "Cet identifiant est de type {found}, non {wanted}."
    ),
    "This cursor is not of this list in this order: start again without it.": (
        "Ce curseur n'est pas de cette liste dans cet ordre : recommencez sans lui."
    ),
    "Give `first` or `last`, not both.": "Donnez `first` ou `last`, pas les deux.",
    "Between {least} and {most} are expected.": "Il en faut entre {least} et {most}.",
    "At most {most} values.": "Au plus {most} valeurs.",
    "The period ends before it begins.": "La période finit avant de commencer.",
    "The period must lie between {first} and {last}.": (
        "La période doit être comprise entre {first} et {last}."
    ),
    "The period is longer than {most} days.": "La période dépasse {most} jours.",
    "These are too many cells: ask for fewer groups, or a shorter period.": (
        "Cela fait trop de cases : demandez moins de groupes, ou une période plus courte."
    ),
    "The year must lie between {first} and {last}.": (
        "L'année doit être comprise entre {first} et {last}."
    ),
    "The years must lie between {first} and {last}, in order.": (
        "Les années doivent être comprises entre {first} et {last}, et dans l'ordre."
    ),
    "At most {most} years.": "Au plus {most} années.",
    "Each group can be named once.": "Chaque regroupement ne se nomme qu'une fois.",
    "There is no network of that code.": "Il n'y a pas de réseau de ce code.",
    "There is no department of that code.": "Il n'y a pas de département de ce code.",
    "There is no region of that code.": "Il n'y a pas de région de ce code.",
    "There is no type of offices of that code.": "Il n'y a pas de type de structure de ce code.",
    "There is no procedure of that code.": "Il n'y a pas de démarche de ce code.",
    "Latitude is from -90 to 90 degrees, longitude from -180 to 180.": (
        "La latitude va de -90 à 90 degrés, la longitude de -180 à 180."
    ),
    "The radius must be over 0 and at most {most} km.": (
        "Le rayon doit être supérieur à 0 et d'au plus {most} km."
    ),
    "There is no word to search for in it.": "Il n'y a là aucun mot à chercher.",
    "This day is beyond the calendar.": "Ce jour est hors du calendrier.",
    # Replies.
    "There is nothing by this id within your scope.": (
        "Il n'y a rien de cet identifiant dans votre périmètre."
    ),
    "This structure has replied already: edit or withdraw that reply.": (
        "Cette structure a déjà répondu : modifiez ou retirez cette réponse."
    ),
    "This reply was withdrawn.": "Cette réponse a été retirée.",
    "The reply is empty.": "La réponse est vide.",
    "The reply is longer than {most} characters.": "La réponse dépasse {most} caractères.",
    # Events and exports.
    "This can't be gone on from: read the lists anew, then follow from now on.": (
        "On ne peut pas reprendre d'ici : relisez les listes, puis suivez la suite."
    ),
    "There is nothing within your scope that may be exported and meets these conditions.": (
        "Rien dans votre périmètre qui puisse être exporté ne remplit ces conditions."
    ),
    "At most {most} exports at once: wait for one, or cancel it.": (
        "Au plus {most} exports à la fois : attendez-en un, ou annulez-le."
    ),
    "At most {most} exports in 24 hours: ask again later.": (
        "Au plus {most} exports en 24 heures : redemandez plus tard."
    ),
    # Who may do what.
    "The role {role} is for this scope: {wanted}.": (
        "Le rôle {role} se donne sur ce périmètre : {wanted}."
    ),
    "The office is not of that network.": "La structure n'est pas de ce réseau.",
    "Rights are named for machines, and for machines only.": (
        "Les droits se nomment pour les machines, et pour elles seules."
    ),
    "The role service is for machines, the others for people.": (
        "Le rôle service est pour les machines, les autres pour les personnes."
    ),
    "The grant would end before it begins.": "L'habilitation finirait avant de commencer.",
    "This was revoked already.": "Cela a déjà été révoqué.",
    "This account is not shut out.": "Ce compte n'est pas fermé.",
    "There is a reply, or a draft of one: edit or withdraw that.": (
        "Il y a déjà une réponse, ou un brouillon : modifiez-le ou retirez-le."
    ),
    "One line of at most {most} characters is expected.": (
        "Une ligne d'au plus {most} caractères est attendue."
    ),
    "1 to {most} characters are expected.": "De 1 à {most} caractères sont attendus.",
    "1 to {most} printable ASCII characters are expected.": (
        "De 1 à {most} caractères ASCII imprimables sont attendus."
    ),
    "In the state {state} these steps are possible: {possible}.": (
        "Dans l'état {state}, les étapes possibles sont : {possible}."
    ),
    "Nobody validates what they wrote: ask someone else to.": (
        "Nul ne valide ce qu'il a écrit : demandez à quelqu'un d'autre."
    ),
    "This network validates replies: submit it first.": (
        "Ce réseau valide les réponses : soumettez d'abord celle-ci."
    ),
    "This network validates replies: save a draft and submit it.": (
        "Ce réseau valide les réponses : enregistrez un brouillon et soumettez-le."
    ),
    "This key was used for something else: take a new one.": (
        "Cette clé a servi à autre chose : prenez-en une nouvelle."
    ),
    "A title or a description is needed.": "Un titre ou une description est nécessaire.",
    "This day has not come yet.": "Ce jour n'est pas encore venu.",
    "This is longer than {most} characters.": "C'est plus long que {most} caractères.",
    "This is at version {version} now: read it again.": (
        "La version est maintenant {version} : relisez."
    ),
    "A redaction is empty, or beyond the text.": "Un passage est vide, ou hors du texte.",
    "This office is not below the present one: ask for a transfer.": (
        "Cette structure n'est pas rattachée à l'actuelle : demandez un transfert."
    ),
    "This review concerns that place already.": ("Cette expérience concerne déjà cet endroit."),
    "This structure has answered: what is answered is not moved.": (
        "Cette structure a répondu : ce qui est répondu ne change pas de structure."
    ),
    "Someone drafts a reply, which another network would read: publish it, or give it up.": (
        "Une réponse est en cours de rédaction, et un autre réseau la lirait : publiez-la, ou "
        "renoncez-y."
    ),
    "A transfer of it was asked for: cancel that first.": (
        "Un transfert en a été demandé : annulez-le d'abord."
    ),
    "A transfer of it was asked for already.": ("Un transfert en a déjà été demandé."),
    "This office is closed.": ("Cette structure est fermée."),
    "This account may not reply for that structure.": (
        "Ce compte ne peut pas répondre pour cette structure."
    ),
    "Someone asked to have this review looked at: it will be.": (
        "Un nouvel examen de cette expérience a déjà été demandé : il aura lieu."
    ),
    "An improvement is under way for it: go on with that one.": (
        "Une amélioration y est déjà en cours : poursuivez celle-là."
    ),
    "This account does not see the review: mention someone who does.": (
        "Ce compte ne voit pas l'expérience : mentionnez quelqu'un qui la voit."
    ),
    "This name is taken: choose another.": ("Ce nom est pris : choisissez-en un autre."),
    "This tag is not in use in the network of that structure.": (
        "Cette étiquette n'est pas en usage dans le réseau de cette structure."
    ),
    "The same tag is given twice.": ("La même étiquette est donnée deux fois."),
    "At most {most} can be kept: remove one.": ("On en garde au plus {most} : supprimez-en une."),
    "Name a passage.": "Indiquez un passage.",
    "This was erased for good, and does not come back: leave it out.": (
        "Ce contenu a été effacé définitivement et ne revient pas : ne l'envoyez plus."
    ),
    "This source identifier stands for another review: update that one.": (
        "Cet identifiant désigne une autre expérience : modifiez celle-là."
    ),
    "1 to 32 lower-case letters, digits or hyphens are expected.": (
        "De 1 à 32 minuscules, chiffres ou tirets sont attendus."
    ),
    "This source is of another machine.": "Cette source est celle d'une autre machine.",
    "What a person types themselves comes from their platform.": (
        "Ce qu'une personne écrit elle-même vient de sa plateforme."
    ),
    "This structure is beyond what you may bring reviews in for.": (
        "Cette structure dépasse ce pour quoi vous pouvez apporter des expériences."
    ),
    "A review of this source identifier is published: reject this one.": (
        "Une expérience de cet identifiant est déjà publiée : rejetez celle-ci."
    ),
    "This seems to name someone, or to tell a number of theirs: change it, or publish it as it is "
    "with `acceptFindings`.": (
        "Cela semble nommer quelqu'un, ou donner un de ses numéros : modifiez-le, ou publiez-le "
        "tel quel avec `acceptFindings`."
    ),
    "This network wants each review answered by itself.": (
        "Ce réseau veut une réponse propre à chaque expérience."
    ),
    "Between {least} and {most} are expected, each once.": (
        "Il en faut entre {least} et {most}, chacun une fois."
    ),
    "There is no published reply of that structure within your scope.": (
        "Il n'y a pas de réponse publiée de cette structure dans votre périmètre."
    ),
    "`{unknown}` is no placeholder. There are: {known}.": (
        "« {unknown} » n'est pas un champ à remplir. Il y a : {known}."
    ),
    "Name a department or an office, not both.": (
        "Indiquez un département ou une structure, pas les deux."
    ),
    "This source identifier stands for another report.": (
        "Cet identifiant désigne un autre signalement."
    ),
    "This structure is beyond what you may bring reports in for.": (
        "Cette structure dépasse ce pour quoi vous pouvez apporter des signalements."
    ),
    "Name the document.": "Nommez le document.",
    "A passage, or a file, is needed.": "Un passage ou un fichier est nécessaire.",
    "An address that begins with https:// is expected, of at most {most} characters.": (
        "Une adresse qui commence par https:// est attendue, d'au plus {most} caractères."
    ),
    "Name a network or an office.": "Indiquez un réseau ou une structure.",
    "This is no address that can be called: https://HOST/PATH is expected.": (
        "Cette adresse ne peut être appelée : https://HÔTE/CHEMIN est attendu."
    ),
    "Webhooks go by https only.": "Les webhooks ne passent que par https.",
    "This is not an address of the public internet.": (
        "Ce n'est pas une adresse de l'internet public."
    ),
    "This moment is beyond what can be counted.": "Cet instant dépasse ce qui se compte.",
    "Give `delivery`, or `endpoint` and `since`.": (
        "Donnez `delivery`, ou bien `endpoint` et `since`."
    ),
    "These are more than {most} events: take a shorter time.": (
        "Ce sont plus de {most} événements : prenez une durée plus courte."
    ),
    "This is more than you both administer and may follow.": (
        "C'est plus que vous ne pouvez à la fois administrer et suivre."
    ),
    "This cursor is not of the events here: read all anew.": (
        "Ce curseur n'est pas celui d'événements d'ici : relisez tout."
    ),
    "There are no events of the type {name}: docs/events.md lists the types.": (
        "Il n'y a pas d'événements du type {name} : docs/events.md liste les types."
    ),
    "Name a type, or leave this out for all.": (
        "Indiquez un type, ou omettez-les pour les avoir tous."
    ),
    "Nobody gives rights to themselves: ask someone else to.": (
        "Nul ne se donne des droits à soi-même : demandez à quelqu'un d'autre."
    ),
    "Nobody shuts themselves out: ask someone else to.": (
        "Nul ne se ferme soi-même la porte : demandez à quelqu'un d'autre."
    ),
    "This is more than you may give: in scope, in rights or in time.": (
        "C'est plus que vous ne pouvez donner : en périmètre, en droits ou en durée."
    ),
    "1 to {most} printable characters are expected.": (
        "De 1 à {most} caractères imprimables sont attendus."
    ),
    "People have no tokens: they sign in.": (
        "Les personnes n'ont pas de jeton : elles se connectent."
    ),
    "Give `account` or `email`, and not both.": "Donnez `account` ou `email`, pas les deux.",
    "This is not an e-mail address.": "Ce n'est pas une adresse électronique.",
    "There is nothing by this id.": "Il n'y a rien de cet identifiant.",
    "You are signed in, but nothing is granted to you yet. Ask whoever manages your office or "
    "network on Relais to give you access, and name the e-mail address that you sign in with.": (
        "Vous êtes connecté, mais rien ne vous est encore accordé. Demandez à qui gère votre "
        "structure ou votre réseau sur Relais de vous donner accès, en indiquant l'adresse "
        "électronique avec laquelle vous vous connectez."
    ),
    # Pages: schema/sign_in.py.
    "Your access": "Vos accès",
    "You are signed out": "Vous êtes déconnecté",
    "You are not signed in": "Vous n'êtes pas connecté",
    "Your session has ended.": "Votre session est terminée.",
    "Sign in": "Se connecter",
    "Sign out": "Se déconnecter",
    "Sign in to see what you have access to.": "Connectez-vous pour voir vos accès.",
    "the whole country": "tout le pays",
    "until": "jusqu'au",
    "office agent": "agent d'un point d'accueil",
    "office manager": "responsable d'un point d'accueil",
    "department manager": "responsable d'un département",
    "network manager": "responsable d'un réseau",
    "validator": "valideur",
    "reader": "lecteur",
    "analyst": "analyste",
    "moderator": "modérateur",
    "administrator": "administrateur",
    "This request did not come from a page opened here, or it waited too long. Start again.": (
        "Cette demande ne vient pas d'une page ouverte ici, ou elle a trop attendu. Recommencez."
    ),
    "The identity provider said no. Start again, or ask the provider.": (
        "Le fournisseur d'identité a refusé. Recommencez, ou adressez-vous à lui."
    ),
    "This service asks for a stronger authentication. Start again and choose it.": (
        "Ce service demande une authentification plus forte. Recommencez en la choisissant."
    ),
    "You could not be signed in. Start again, and if it fails again tell your administrator.": (
        "La connexion n'a pas abouti. Recommencez, et si elle échoue encore, dites-le à votre "
        "administrateur."
    ),
    "The identity provider does not answer. Start again in a minute.": (
        "Le fournisseur d'identité ne répond pas. Recommencez dans une minute."
    ),
    "Your account is closed. Ask your administrator.": (
        "Votre compte est fermé. Adressez-vous à votre administrateur."
    ),
    "Too many attempts came from here. Start again in a minute.": (
        "Trop de tentatives sont venues d'ici. Recommencez dans une minute."
    ),
}
