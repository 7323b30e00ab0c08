//! What a person should do, where several codes ask for the same.

use centrala_domain::error_code::Text;

use super::text;

pub(super) const AGAIN: Text = text(
    "Centrala tries again by itself; if it still fails, try again later.",
    "Centrala încearcă singură din nou; dacă tot nu reușește, reveniți mai târziu.",
);
pub(super) const SLOWER: Text = text(
    "Centrala waits and tries again by itself; if it still fails, try again later.",
    "Centrala așteaptă și încearcă din nou; dacă tot nu reușește, reveniți mai târziu.",
);
pub(super) const NEW_TOKEN: Text = text(
    "An admin must give the number a new access token in its settings.",
    "Un administrator trebuie să pună un token de acces nou în setările numărului.",
);
pub(super) const PERMISSION: Text = text(
    "An admin must give the app its permissions back in Meta's settings, then a new access token here.",
    "Un administrator trebuie să redea aplicației permisiunile la Meta, apoi să pună aici un token nou.",
);
pub(super) const WHATSAPP_MANAGER: Text = text(
    "An admin must open WhatsApp Manager and do what Meta asks there.",
    "Un administrator trebuie să deschidă WhatsApp Manager și să facă ce cere Meta acolo.",
);
pub(super) const TELL_ADMIN: Text = text(
    "Tell an admin the code and the text of this error.",
    "Spuneți unui administrator codul și textul acestei erori.",
);
pub(super) const CHANGE_MESSAGE: Text = text(
    "Change the message and send it again; the details say what is wrong.",
    "Modificați mesajul și trimiteți-l din nou; detaliile spun ce este greșit.",
);
pub(super) const OTHER_TEMPLATE: Text = text(
    "Choose another template, or have this one corrected and approved.",
    "Alegeți alt șablon sau corectați-l pe acesta și cereți aprobarea lui.",
);
pub(super) const PAYMENT: Text = text(
    "An admin must add or correct the payment method in Meta's billing settings.",
    "Un administrator trebuie să adauge sau să corecteze metoda de plată la Meta.",
);
pub(super) const VALUES: Text = text(
    "Check the values that fill in the template and send it again.",
    "Verificați valorile care completează șablonul și trimiteți-l din nou.",
);
pub(super) const MOVING: Text = text(
    "Read the details, correct what Meta names, and try the move again.",
    "Citiți detaliile, corectați ce indică Meta și încercați din nou mutarea.",
);
pub(super) const SHORTEN: Text = text(
    "Shorten the template and submit it again.",
    "Scurtați șablonul și trimiteți-l din nou spre aprobare.",
);
pub(super) const PIN_LATER: Text = text(
    "Wait for the time that the details name, then enter the right PIN.",
    "Așteptați cât spun detaliile, apoi introduceți PIN-ul corect.",
);
