//! One refused Graph call, and the body Meta answers with.

use serde_json::{Value, json};

use super::codes;

/// Why a call was refused.
#[derive(Clone, Debug)]
pub(crate) struct GraphError {
    /// Meta's code.
    pub(crate) code: i64,
    /// The HTTP status of the answer.
    pub(crate) http: u16,
    message: String,
    kind: &'static str,
    details: Option<String>,
    subcode: Option<i64>,
    /// Members beside `error`, where Meta answers partly.
    beside: Option<Box<(&'static str, Value)>>,
}

impl GraphError {
    /// The error of a code with Meta's own title.
    pub(crate) fn new(code: i64, details: impl Into<String>) -> Self {
        let known = codes::find(code);
        Self {
            code,
            http: known.http,
            message: format!("(#{code}) {}", known.title),
            kind: "OAuthException",
            details: Some(details.into()),
            subcode: None,
            beside: None,
        }
    }

    /// `100`: a parameter that Graph itself does not accept.
    pub(crate) fn parameter(details: impl Into<String>) -> Self {
        Self::new(100, details)
    }

    /// `131008`: a parameter that is not there.
    pub(crate) fn missing(name: &str) -> Self {
        Self::new(131_008, format!("The parameter {name} is required."))
    }

    /// `100` with subcode 33: no such node, or not yours, which Meta does not tell apart.
    pub(crate) fn no_such_node(verb: &str, id: &str) -> Self {
        Self::graph(
            100,
            Some(33),
            format!(
                "Unsupported {verb} request. Object with ID '{id}' does not exist, cannot be loaded due to missing \
                 permissions, or does not support this operation"
            ),
        )
        .of_kind("GraphMethodException")
    }

    /// `2500`: a path Graph does not know.
    pub(crate) fn unknown_path(path: &str) -> Self {
        Self::graph(2500, None, format!("Unknown path components: {path}"))
    }

    /// `190`: the token is not good any more.
    pub(crate) fn invalid_token(subcode: Option<i64>, why: &str) -> Self {
        Self::graph(190, subcode, why.to_owned())
    }

    /// An error with its own message and no `error_data`, as Graph outside of WhatsApp answers.
    pub(crate) fn graph(code: i64, subcode: Option<i64>, message: String) -> Self {
        Self {
            code,
            http: codes::find(code).http,
            message,
            kind: "OAuthException",
            details: None,
            subcode,
            beside: None,
        }
    }

    fn of_kind(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }

    /// The same error with another HTTP status.
    pub(crate) fn with_http(mut self, http: u16) -> Self {
        self.http = http;
        self
    }

    /// The same error with a member beside `error`.
    pub(crate) fn with_beside(mut self, name: &'static str, value: Value) -> Self {
        self.beside = Some(Box::new((name, value)));
        self
    }

    /// The whole answer.
    pub(crate) fn body(&self, trace_id: &str) -> Value {
        let mut error = json!({
            "message": self.message,
            "type": self.kind,
            "code": self.code,
            "fbtrace_id": trace_id,
        });
        if let Some(details) = &self.details {
            error["error_data"] = json!({"messaging_product": "whatsapp", "details": details});
        }
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = json!(subcode);
        }
        if self.code == 2 {
            error["is_transient"] = json!(true);
        }
        let mut body = json!({"error": error});
        if let Some(beside) = &self.beside {
            let (name, value) = &**beside;
            body[*name] = value.clone();
        }
        body
    }
}

/// The error object of webhooks, which has no `(#code)` prefix.
pub(crate) fn webhook_error(code: i64, details: &str) -> Value {
    let title = codes::find(code).title;
    json!({
        "code": code,
        "title": title,
        "message": title,
        "error_data": {"details": details},
        "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_body_has_metas_members() {
        let body = GraphError::new(130_429, "slow down").body("Atrace");
        assert_eq!(body["error"]["message"], "(#130429) Rate limit hit");
        assert_eq!(body["error"]["type"], "OAuthException");
        assert_eq!(body["error"]["error_data"]["messaging_product"], "whatsapp");
        assert_eq!(body["error"]["fbtrace_id"], "Atrace");
    }
}
