//! Codes about groups, registering numbers, calls, forms, blocking, usernames and shared history
//! (`cloud-api.md` section 14).

use centrala_domain::error_code::ErrorClass::{Account, Permanent, Retry, Throttle};
use centrala_domain::error_code::{ErrorEntry, Text};

use super::remedies::{AGAIN, PIN_LATER, SLOWER};
use super::{entry, text};

/// Cause and remedy shared by the codes of one range.
const GROUP: (Text, Text) = (
    text("The group does not allow this.", "Grupul nu permite acest lucru."),
    text("Write to the customer directly.", "Scrieți direct clientului."),
);

/// Cause and remedy shared by the codes of one range.
const CALLING: (Text, Text) = (
    text("WhatsApp could not carry out the call.", "WhatsApp nu a putut efectua apelul."),
    text(
        "Check that calls are switched on for the number and allowed by the customer.",
        "Verificați că apelurile sunt activate pentru număr și permise de client.",
    ),
);

/// Cause and remedy shared by the codes of one range.
const FLOW: (Text, Text) = (
    text("The form (flow) cannot be sent.", "Formularul (flow) nu poate fi trimis."),
    text(
        "An admin must check the form in WhatsApp Manager.",
        "Un administrator trebuie să verifice formularul în WhatsApp Manager.",
    ),
);

/// Cause and remedy shared by the codes of one range.
const USERNAME: (Text, Text) = (
    text(
        "The username of the business was not accepted.",
        "Numele de utilizator al firmei nu a fost acceptat.",
    ),
    text(
        "Choose another username in WhatsApp Manager.",
        "Alegeți alt nume de utilizator în WhatsApp Manager.",
    ),
);

/// The entries, by code.
pub(super) const NUMBERS: &[ErrorEntry] = &[
    entry(131_201, Permanent, GROUP.0, GROUP.1),
    entry(131_202, Permanent, GROUP.0, GROUP.1),
    entry(131_203, Permanent, GROUP.0, GROUP.1),
    entry(131_204, Permanent, GROUP.0, GROUP.1),
    entry(131_205, Permanent, GROUP.0, GROUP.1),
    entry(131_206, Permanent, GROUP.0, GROUP.1),
    entry(131_207, Permanent, GROUP.0, GROUP.1),
    entry(
        131_208,
        Throttle,
        text(
            "Too many messages to groups in a short time.",
            "Prea multe mesaje către grupuri într-un timp scurt.",
        ),
        SLOWER,
    ),
    entry(131_209, Permanent, GROUP.0, GROUP.1),
    entry(131_210, Permanent, GROUP.0, GROUP.1),
    entry(131_211, Permanent, GROUP.0, GROUP.1),
    entry(131_212, Permanent, GROUP.0, GROUP.1),
    entry(131_213, Permanent, GROUP.0, GROUP.1),
    entry(131_214, Permanent, GROUP.0, GROUP.1),
    entry(131_215, Permanent, GROUP.0, GROUP.1),
    entry(
        133_000,
        Retry,
        text(
            "An earlier removal of the number has not ended yet.",
            "O eliminare anterioară a numărului nu s-a încheiat încă.",
        ),
        AGAIN,
    ),
    entry(
        133_004,
        Retry,
        text(
            "Meta's registration server is not available now.",
            "Serverul de înregistrare Meta nu este disponibil acum.",
        ),
        AGAIN,
    ),
    entry(
        133_005,
        Permanent,
        text("The two-step PIN is wrong.", "PIN-ul de verificare în doi pași este greșit."),
        text(
            "Enter the right PIN, or set a new one in WhatsApp Manager.",
            "Introduceți PIN-ul corect sau setați unul nou în WhatsApp Manager.",
        ),
    ),
    entry(
        133_006,
        Account,
        text("The number must be verified again.", "Numărul trebuie verificat din nou."),
        text(
            "An admin must verify the number by SMS or call in WhatsApp Manager.",
            "Un administrator trebuie să verifice numărul prin SMS sau apel în WhatsApp Manager.",
        ),
    ),
    entry(
        133_008,
        Throttle,
        text("The wrong PIN was entered too often.", "PIN-ul a fost introdus greșit de prea multe ori."),
        PIN_LATER,
    ),
    entry(
        133_009,
        Throttle,
        text(
            "The PIN was entered too fast, one try after another.",
            "PIN-ul a fost introdus prea repede, încercare după încercare.",
        ),
        PIN_LATER,
    ),
    entry(
        133_010,
        Account,
        text(
            "The number is not registered for the WhatsApp Business Platform.",
            "Numărul nu este înregistrat pe platforma WhatsApp Business.",
        ),
        text(
            "An admin must register the number in WhatsApp Manager.",
            "Un administrator trebuie să înregistreze numărul în WhatsApp Manager.",
        ),
    ),
    entry(
        133_015,
        Throttle,
        text("The number was deleted a moment ago.", "Numărul a fost șters de foarte puțin timp."),
        text(
            "Wait five minutes, then register it again.",
            "Așteptați cinci minute, apoi înregistrați-l din nou.",
        ),
    ),
    entry(
        133_016,
        Permanent,
        text(
            "The number was registered and removed too often in three days.",
            "Numărul a fost înregistrat și eliminat prea des în trei zile.",
        ),
        text("Wait three days, then register it again.", "Așteptați trei zile, apoi înregistrați-l din nou."),
    ),
    entry(138_000, Permanent, CALLING.0, CALLING.1),
    entry(138_001, Permanent, CALLING.0, CALLING.1),
    entry(138_002, Permanent, CALLING.0, CALLING.1),
    entry(138_003, Permanent, CALLING.0, CALLING.1),
    entry(138_004, Permanent, CALLING.0, CALLING.1),
    entry(138_005, Permanent, CALLING.0, CALLING.1),
    entry(138_006, Permanent, CALLING.0, CALLING.1),
    entry(138_007, Permanent, CALLING.0, CALLING.1),
    entry(138_008, Permanent, CALLING.0, CALLING.1),
    entry(138_009, Permanent, CALLING.0, CALLING.1),
    entry(138_010, Permanent, CALLING.0, CALLING.1),
    entry(138_011, Permanent, CALLING.0, CALLING.1),
    entry(138_012, Permanent, CALLING.0, CALLING.1),
    entry(138_013, Permanent, CALLING.0, CALLING.1),
    entry(138_014, Permanent, CALLING.0, CALLING.1),
    entry(138_015, Permanent, CALLING.0, CALLING.1),
    entry(138_016, Permanent, CALLING.0, CALLING.1),
    entry(138_017, Permanent, CALLING.0, CALLING.1),
    entry(138_018, Permanent, CALLING.0, CALLING.1),
    entry(139_000, Permanent, FLOW.0, FLOW.1),
    entry(139_001, Permanent, FLOW.0, FLOW.1),
    entry(139_002, Permanent, FLOW.0, FLOW.1),
    entry(139_003, Permanent, FLOW.0, FLOW.1),
    entry(139_004, Permanent, FLOW.0, FLOW.1),
    entry(
        139_100,
        Permanent,
        text(
            "Some of the users could not be blocked or unblocked.",
            "Unii utilizatori nu au putut fi blocați sau deblocați.",
        ),
        text(
            "Only customers who wrote in the last 24 hours can be blocked.",
            "Pot fi blocați numai clienții care au scris în ultimele 24 de ore.",
        ),
    ),
    entry(
        139_101,
        Permanent,
        text("The list of blocked users is full.", "Lista utilizatorilor blocați este plină."),
        text("Unblock somebody first.", "Deblocați mai întâi pe cineva."),
    ),
    entry(
        139_102,
        Retry,
        text(
            "The list of blocked users was changed by somebody else at the same time.",
            "Lista utilizatorilor blocați a fost modificată de altcineva în același timp.",
        ),
        AGAIN,
    ),
    entry(
        139_103,
        Retry,
        text("Meta had a fault while blocking.", "Meta a avut o defecțiune la blocare."),
        AGAIN,
    ),
    entry(147_001, Permanent, USERNAME.0, USERNAME.1),
    entry(147_002, Permanent, USERNAME.0, USERNAME.1),
    entry(147_003, Permanent, USERNAME.0, USERNAME.1),
    entry(147_004, Permanent, USERNAME.0, USERNAME.1),
    entry(147_005, Permanent, USERNAME.0, USERNAME.1),
    entry(
        2_593_107,
        Permanent,
        text(
            "The history of the phone app can be asked for only once.",
            "Istoricul aplicației de pe telefon poate fi cerut o singură dată.",
        ),
        text(
            "To ask again, disconnect the number from the app and connect it anew.",
            "Pentru a-l cere din nou, deconectați numărul din aplicație și conectați-l iar.",
        ),
    ),
    entry(
        2_593_108,
        Permanent,
        text(
            "The history can be asked for only in the first 24 hours after connecting.",
            "Istoricul poate fi cerut numai în primele 24 de ore după conectare.",
        ),
        text(
            "To ask again, disconnect the number from the app and connect it anew.",
            "Pentru a-l cere din nou, deconectați numărul din aplicație și conectați-l iar.",
        ),
    ),
    entry(
        2_593_109,
        Permanent,
        text(
            "Sharing the history was refused in the phone app.",
            "Partajarea istoricului a fost refuzată în aplicația de pe telefon.",
        ),
        text(
            "Nothing to do; new messages arrive all the same.",
            "Nu aveți nimic de făcut; mesajele noi sosesc oricum.",
        ),
    ),
];
