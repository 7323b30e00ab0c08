//! Codes about sending messages and files (`cloud-api.md` section 14, 130xxx, 131xxx, 135000, 137000).
//! Those about groups are with [`super::numbers`].

use centrala_domain::error_code::ErrorClass::{Account, Credential, Permanent, Retry, Throttle, Window};
use centrala_domain::error_code::ErrorEntry;

use super::remedies::{AGAIN, CHANGE_MESSAGE, PAYMENT, PERMISSION, SLOWER, TELL_ADMIN, WHATSAPP_MANAGER};
use super::{entry, text};

/// The entries, by code.
pub(super) const MESSAGES: &[ErrorEntry] = &[
    entry(
        130_429,
        Throttle,
        text("The number sends faster than Meta allows.", "Numărul trimite mai repede decât permite Meta."),
        SLOWER,
    ),
    entry(
        130_472,
        Permanent,
        text(
            "Meta holds back marketing messages to this customer as part of an experiment.",
            "Meta nu livrează mesaje de marketing acestui client, ca parte a unui experiment.",
        ),
        text(
            "Write again only after the customer writes to you.",
            "Scrieți din nou numai după ce clientul vă scrie.",
        ),
    ),
    entry(
        130_497,
        Permanent,
        text(
            "Meta does not let this business write to the customer's country.",
            "Meta nu permite acestei firme să scrie în țara clientului.",
        ),
        text(
            "Reach this customer in another way, such as by e-mail.",
            "Contactați clientul altfel, de exemplu prin e-mail.",
        ),
    ),
    entry(131_000, Retry, text("Something went wrong at Meta.", "Ceva nu a funcționat la Meta."), AGAIN),
    entry(
        131_005,
        Credential,
        text(
            "The access token lacks a permission, or it was taken away.",
            "Tokenului de acces îi lipsește o permisiune sau i-a fost retrasă.",
        ),
        PERMISSION,
    ),
    entry(
        131_008,
        Permanent,
        text("The request lacks a required part.", "Din cerere lipsește o parte obligatorie."),
        TELL_ADMIN,
    ),
    entry(
        131_009,
        Permanent,
        text("A value in the message is not allowed.", "O valoare din mesaj nu este permisă."),
        CHANGE_MESSAGE,
    ),
    entry(
        131_016,
        Retry,
        text("A service of Meta is not available now.", "Un serviciu Meta nu este disponibil acum."),
        AGAIN,
    ),
    entry(
        131_020,
        Permanent,
        text("The group has a single member.", "Grupul are un singur membru."),
        text("Write to the person directly.", "Scrieți direct persoanei."),
    ),
    entry(
        131_021,
        Permanent,
        text(
            "The message was addressed to the sending number itself.",
            "Mesajul era adresat chiar numărului care îl trimite.",
        ),
        text("Choose another recipient.", "Alegeți alt destinatar."),
    ),
    entry(
        131_026,
        Permanent,
        text(
            "WhatsApp could not deliver: no WhatsApp on this number, an old version, or you are blocked.",
            "WhatsApp nu a putut livra: numărul nu are WhatsApp, are o versiune veche sau v-a blocat.",
        ),
        text(
            "Check the number, or reach the customer in another way and ask to update WhatsApp.",
            "Verificați numărul sau contactați clientul altfel și rugați-l să actualizeze WhatsApp.",
        ),
    ),
    entry(
        131_030,
        Permanent,
        text(
            "A test number may only write to numbers on its list.",
            "Un număr de test poate scrie numai numerelor de pe lista sa.",
        ),
        text(
            "Add the customer's number to the test list in Meta's app page, or use a real number.",
            "Adăugați numărul clientului pe lista de test din pagina aplicației Meta sau folosiți un număr real.",
        ),
    ),
    entry(
        131_031,
        Account,
        text(
            "Meta locked the account, or the two-step PIN is wrong.",
            "Meta a blocat contul sau PIN-ul de verificare este greșit.",
        ),
        WHATSAPP_MANAGER,
    ),
    entry(
        131_037,
        Account,
        text(
            "Meta has not yet approved the display name of the number.",
            "Meta nu a aprobat încă numele afișat al numărului.",
        ),
        text(
            "An admin must set a display name in WhatsApp Manager and wait for the approval.",
            "Un administrator trebuie să seteze un nume afișat în WhatsApp Manager și să aștepte aprobarea.",
        ),
    ),
    entry(
        131_041,
        Permanent,
        text("Meta does not know this group.", "Meta nu cunoaște acest grup."),
        text("Write to the customer directly.", "Scrieți direct clientului."),
    ),
    entry(
        131_042,
        Account,
        text(
            "There is a problem with the payment method at Meta.",
            "Este o problemă cu metoda de plată la Meta.",
        ),
        PAYMENT,
    ),
    entry(
        131_044,
        Account,
        text(
            "Meta cannot charge the account: no valid payment method.",
            "Meta nu poate taxa contul: nu există o metodă de plată validă.",
        ),
        PAYMENT,
    ),
    entry(
        131_045,
        Account,
        text(
            "The number is not registered properly with WhatsApp.",
            "Numărul nu este înregistrat corect la WhatsApp.",
        ),
        text(
            "An admin must register the number again in WhatsApp Manager.",
            "Un administrator trebuie să înregistreze din nou numărul în WhatsApp Manager.",
        ),
    ),
    entry(
        131_047,
        Window,
        text(
            "More than 24 hours have passed since the customer last wrote.",
            "Au trecut mai mult de 24 de ore de la ultimul mesaj al clientului.",
        ),
        text(
            "Send an approved template, or wait until the customer writes.",
            "Trimiteți un șablon aprobat sau așteptați să scrie clientul.",
        ),
    ),
    entry(
        131_048,
        Account,
        text(
            "Too many customers blocked or reported messages of this number.",
            "Prea mulți clienți au blocat sau au raportat mesajele acestui număr.",
        ),
        text(
            "Stop campaigns and look at the quality of the number in WhatsApp Manager.",
            "Opriți campaniile și verificați calitatea numărului în WhatsApp Manager.",
        ),
    ),
    entry(
        131_049,
        Permanent,
        text(
            "Meta did not deliver, because this customer gets too many marketing messages.",
            "Meta nu a livrat, deoarece acest client primește prea multe mesaje de marketing.",
        ),
        text(
            "Wait at least a day before you send again; each new try should wait longer.",
            "Așteptați cel puțin o zi înainte de a trimite din nou, apoi tot mai mult.",
        ),
    ),
    entry(
        131_050,
        Permanent,
        text(
            "The customer stopped marketing messages from you.",
            "Clientul a oprit mesajele de marketing de la dumneavoastră.",
        ),
        text(
            "Send this customer no more marketing messages.",
            "Nu mai trimiteți acestui client mesaje de marketing.",
        ),
    ),
    entry(
        131_051,
        Permanent,
        text(
            "WhatsApp does not support this type of message here.",
            "WhatsApp nu acceptă aici acest tip de mesaj.",
        ),
        text(
            "Send it as text or as a document, or ask the customer to do so.",
            "Trimiteți-l ca text sau ca document ori rugați clientul să facă astfel.",
        ),
    ),
    entry(
        131_052,
        Permanent,
        text(
            "The file could not be fetched; it may be larger than 100 MB.",
            "Fișierul nu a putut fi preluat; poate depășește 100 MB.",
        ),
        text(
            "Ask the customer to send the file again, or a smaller one.",
            "Rugați clientul să trimită din nou fișierul sau unul mai mic.",
        ),
    ),
    entry(
        131_053,
        Permanent,
        text(
            "WhatsApp did not take the file: wrong type, too large or damaged.",
            "WhatsApp nu a acceptat fișierul: tip greșit, prea mare sau deteriorat.",
        ),
        text(
            "Save the file in another format or make it smaller, then send it again.",
            "Salvați fișierul în alt format sau micșorați-l, apoi trimiteți-l din nou.",
        ),
    ),
    entry(
        131_055,
        Permanent,
        text(
            "This way of sending is not allowed for this message.",
            "Acest mod de trimitere nu este permis pentru acest mesaj.",
        ),
        TELL_ADMIN,
    ),
    entry(
        131_056,
        Throttle,
        text(
            "Too many messages to the same customer in a short time.",
            "Prea multe mesaje către același client într-un timp scurt.",
        ),
        SLOWER,
    ),
    entry(
        131_057,
        Retry,
        text(
            "Meta is working on the number, usually for about a minute.",
            "Meta lucrează la acest număr, de obicei cam un minut.",
        ),
        AGAIN,
    ),
    entry(
        131_059,
        Permanent,
        text(
            "A list at Meta changed while it was read.",
            "O listă de la Meta s-a schimbat în timp ce era citită.",
        ),
        text("Open the list again from its start.", "Deschideți din nou lista de la început."),
    ),
    entry(
        131_062,
        Permanent,
        text(
            "This message needs a phone number, and the customer shows only a username.",
            "Acest mesaj cere un număr de telefon, iar clientul arată doar un nume de utilizator.",
        ),
        text(
            "Ask the customer for the phone number, or send another kind of message.",
            "Cereți clientului numărul de telefon sau trimiteți alt tip de mesaj.",
        ),
    ),
    entry(
        131_063,
        Account,
        text(
            "Marketing templates are switched off for this way of sending.",
            "Șabloanele de marketing sunt dezactivate pentru acest mod de trimitere.",
        ),
        WHATSAPP_MANAGER,
    ),
    entry(
        131_064,
        Permanent,
        text(
            "The daily limit was reached after Meta moved a template to another category.",
            "Limita zilnică a fost atinsă după ce Meta a mutat un șablon în altă categorie.",
        ),
        text(
            "Wait a day and check the category of the template.",
            "Așteptați o zi și verificați categoria șablonului.",
        ),
    ),
    entry(
        135_000,
        Permanent,
        text(
            "Meta did not accept the message and gave no closer reason.",
            "Meta nu a acceptat mesajul și nu a dat un motiv mai precis.",
        ),
        CHANGE_MESSAGE,
    ),
    entry(
        137_000,
        Permanent,
        text(
            "The customer's identity changed: a new phone or a new owner of the number.",
            "Identitatea clientului s-a schimbat: alt telefon sau alt proprietar al numărului.",
        ),
        text(
            "Make sure who you are writing to before you send private things.",
            "Asigurați-vă cui scrieți înainte de a trimite lucruri private.",
        ),
    ),
];
