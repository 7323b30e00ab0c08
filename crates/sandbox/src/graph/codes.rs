//! Meta's error codes: their titles and the HTTP status each comes with. What to say in detail is the caller's.

/// One known code.
pub(crate) struct Known {
    /// The code itself, which is the truth of an error.
    pub(crate) code: i64,
    /// The HTTP status, which is only a hint.
    pub(crate) http: u16,
    /// The title, the same in answers and in webhooks.
    pub(crate) title: &'static str,
}

const fn known(code: i64, http: u16, title: &'static str) -> Known {
    Known { code, http, title }
}

/// Ordered by code, for the binary search.
const TABLE: &[Known] = &[
    known(0, 401, "AuthException"),
    known(1, 400, "API Unknown"),
    known(2, 503, "API Service"),
    known(3, 500, "API Method"),
    known(4, 400, "API Too Many Calls"),
    known(10, 403, "Permission Denied"),
    known(33, 400, "Parameter value is not valid"),
    known(100, 400, "Invalid parameter"),
    known(190, 401, "Access token has expired"),
    known(200, 403, "API Permission"),
    known(368, 403, "Temporarily blocked for policies violations"),
    known(613, 400, "Calls to this API have exceeded the rate limit"),
    known(2200, 400, "Callback verification failed"),
    known(2500, 400, "Unknown path components"),
    known(80_007, 400, "Rate limit issues"),
    known(130_429, 400, "Rate limit hit"),
    known(130_472, 400, "User's number is part of an experiment"),
    known(130_497, 403, "Business account is restricted from messaging users in this country"),
    known(131_000, 500, "Something went wrong"),
    known(131_005, 403, "Access denied"),
    known(131_008, 400, "Required parameter is missing"),
    known(131_009, 400, "Parameter value is not valid"),
    known(131_016, 500, "Service unavailable"),
    known(131_020, 400, "Group has a single member"),
    known(131_021, 400, "Recipient cannot be sender"),
    known(131_026, 400, "Message undeliverable"),
    known(131_030, 400, "Recipient phone number not in allowed list"),
    known(131_031, 403, "Business Account locked"),
    known(131_037, 400, "Display name approval needed"),
    known(131_041, 400, "Unknown group"),
    known(131_042, 400, "Business eligibility payment issue"),
    known(131_044, 400, "Business eligibility payment issue"),
    known(131_045, 500, "Incorrect certificate"),
    known(131_047, 400, "Re-engagement message"),
    known(131_048, 400, "Spam rate limit hit"),
    known(131_049, 400, "This message was not delivered to maintain healthy ecosystem engagement"),
    known(131_050, 400, "User has stopped marketing messages"),
    known(131_051, 400, "Unsupported message type"),
    known(131_052, 400, "Media download error"),
    known(131_053, 400, "Media upload error"),
    known(131_055, 400, "Method not allowed"),
    known(131_056, 400, "(Business Account, Consumer Account) pair rate limit hit"),
    known(131_057, 500, "Account in maintenance mode"),
    known(131_059, 400, "Invalid cursor"),
    known(131_062, 400, "Recipient id is not allowed for this message"),
    known(131_063, 400, "Marketing templates are switched off"),
    known(131_064, 400, "Messaging limit reached"),
    known(132_000, 400, "Template Param Count Mismatch"),
    known(132_001, 404, "Template does not exist"),
    known(132_005, 400, "Template Hydrated Text Too Long"),
    known(132_007, 400, "Template Format Character Policy Violated"),
    known(132_008, 400, "Template parameter value is not valid"),
    known(132_012, 400, "Template Parameter Format Mismatch"),
    known(132_015, 400, "Template is Paused"),
    known(132_016, 400, "Template is Disabled"),
    known(132_068, 400, "Flow is blocked"),
    known(132_069, 400, "Flow is throttled"),
    known(133_000, 500, "Incomplete Deregistration"),
    known(133_004, 503, "Server Temporarily Unavailable"),
    known(133_005, 400, "Two step verification PIN Mismatch"),
    known(133_006, 400, "Phone number needs to be re-verified"),
    known(133_008, 400, "Too Many two step verification PIN Guesses"),
    known(133_009, 400, "Two step verification PIN Guessed Too Fast"),
    known(133_010, 400, "Phone number Not Registered"),
    known(133_015, 400, "Please wait a few minutes before attempting to register this phone number"),
    known(133_016, 400, "Account register deregister rate limit exceeded"),
    known(134_011, 400, "Payments terms not accepted"),
    known(134_100, 400, "Only marketing messages supported"),
    known(134_101, 400, "Template is syncing"),
    known(134_102, 500, "Template unavailable"),
    known(135_000, 400, "Generic user error"),
    known(137_000, 400, "Identity key hash mismatch"),
    known(139_100, 400, "Failed to block/unblock some users"),
    known(139_101, 400, "Blocked users list is full"),
    known(139_102, 400, "Blocked users list was updated meanwhile"),
    known(139_103, 400, "Internal error of the blocked users list"),
];

const UNKNOWN: Known = known(1, 400, "Unknown error");

/// The entry of a code, or a general one for codes Meta does not list.
pub(crate) fn find(code: i64) -> &'static Known {
    TABLE.binary_search_by_key(&code, |entry| entry.code).map_or(&UNKNOWN, |index| &TABLE[index])
}

/// True if Meta lists the code.
pub(crate) fn is_known(code: i64) -> bool {
    TABLE.binary_search_by_key(&code, |entry| entry.code).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_ordered_for_its_search() {
        assert!(TABLE.windows(2).all(|pair| pair[0].code < pair[1].code));
        assert_eq!(find(132_001).http, 404);
        assert_eq!(find(424_242).title, "Unknown error");
    }
}
