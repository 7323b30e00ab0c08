//! The route table as data: what the router, the API description, the permission page and the authorisation
//! matrix are made of. A route that is not in it does not exist.

use std::fmt::Write as _;

use axum::http::Method;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::MethodRouter;
use centrala_domain::permission::Permission;
use utoipa::openapi::path::{Operation, Paths};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{PathItem, RefOr};

use super::idempotent;
use crate::auth;
use crate::problem::Slug;
use crate::state::App;

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Whoever is signed in (or has a token) and has the permission.
    Needs(Permission),
    /// Anyone.
    Public,
    /// Whoever carries a proof that the handler itself checks: a signature, a ticket, a session.
    OwnProof,
}

type Methods = (Vec<(String, RefOr<Schema>)>, Paths, MethodRouter<App>);

/// One operation.
pub struct Route {
    access: Access,
    is_repeatable: bool,
    methods: Methods,
}

/// An operation as the table knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Who may call it.
    pub access: Access,
    /// Method.
    pub method: Method,
    /// Path with `{names}`.
    pub path: String,
    /// Name of the operation.
    pub operation: String,
    /// Whether it takes an `Idempotency-Key`.
    pub takes_key: bool,
    /// Its problems, by slug.
    pub problems: Vec<String>,
    /// Its first sentence.
    pub summary: String,
}

impl Route {
    /// A route for whoever has a permission.
    #[must_use]
    pub fn needs(permission: Permission, methods: Methods) -> Self {
        Self { access: Access::Needs(permission), is_repeatable: true, methods }
    }

    /// A route for anyone.
    #[must_use]
    pub fn public(methods: Methods) -> Self {
        Self { access: Access::Public, is_repeatable: false, methods }
    }

    /// A route whose handler checks a proof of its own.
    #[must_use]
    pub fn own_proof(methods: Methods) -> Self {
        Self { access: Access::OwnProof, is_repeatable: false, methods }
    }

    /// Takes no `Idempotency-Key`: its body is too large to be kept in memory, or its answer too secret to be
    /// kept at all.
    #[must_use]
    pub fn once(mut self) -> Self {
        self.is_repeatable = false;
        self
    }

    const fn takes_key(&self) -> bool {
        self.is_repeatable && matches!(self.access, Access::Needs(_))
    }

    /// What the table knows of it; one entry for each method.
    #[must_use]
    pub fn described(&self) -> Vec<Described> {
        let mut all = Vec::new();
        for (path, item) in &self.methods.1.paths {
            for (method, operation) in operations(item) {
                let takes_key = self.takes_key() && method == Method::POST;
                let mut problems = problems_of(operation, self.access);
                if takes_key {
                    let of_keys =
                        [Slug::MalformedRequest, Slug::IdempotencyInProgress, Slug::IdempotencyKeyReused];
                    problems.extend(of_keys.map(|slug| slug.as_str().to_owned()));
                    problems.sort_unstable();
                    problems.dedup();
                }
                all.push(Described {
                    access: self.access,
                    method,
                    path: path.clone(),
                    operation: operation.operation_id.clone().unwrap_or_default(),
                    takes_key,
                    problems,
                    summary: operation.summary.clone().unwrap_or_default(),
                });
            }
        }
        all
    }

    /// Its description, and the schemas that it names.
    #[must_use]
    pub fn into_description(self) -> (Access, Paths, Vec<(String, RefOr<Schema>)>) {
        (self.access, self.methods.1, self.methods.0)
    }

    /// Its place in the router, behind its guards.
    pub fn into_methods(self, app: &App) -> (String, MethodRouter<App>) {
        let is_post = self.described().iter().any(|route| route.method == Method::POST);
        let is_repeatable = self.takes_key();
        let (_, paths, mut methods) = self.methods;
        let path = paths.paths.into_keys().next().unwrap_or_default();
        if let Access::Needs(permission) = self.access {
            if is_post && is_repeatable {
                methods = methods.layer(from_fn_with_state(app.clone(), idempotent::once_for_each_key));
            } else if is_post {
                methods = methods.layer(from_fn(idempotent::refuse_key));
            }
            methods = methods.layer(from_fn_with_state((app.clone(), permission), auth::authenticate));
        }
        (path, methods)
    }
}

/// The operations of a path.
#[must_use]
pub fn operations(item: &PathItem) -> Vec<(Method, &Operation)> {
    [
        (Method::GET, &item.get),
        (Method::POST, &item.post),
        (Method::PUT, &item.put),
        (Method::PATCH, &item.patch),
        (Method::DELETE, &item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.as_ref().map(|operation| (method, operation)))
    .collect()
}

/// The slugs of an operation: what it declares, and what its access implies.
fn problems_of(operation: &Operation, access: Access) -> Vec<String> {
    let declared = operation
        .extensions
        .as_ref()
        .and_then(|extensions| extensions.get("x-problems"))
        .and_then(|problems| problems.as_array());
    let mut slugs: Vec<String> =
        declared.into_iter().flatten().filter_map(|slug| slug.as_str().map(str::to_owned)).collect();
    let mut implied = vec![Slug::Internal, Slug::Unavailable];
    if matches!(access, Access::Needs(_)) {
        implied.extend([Slug::Unauthenticated, Slug::Forbidden, Slug::ForeignOrigin]);
    }
    if operation.request_body.is_some() {
        implied.extend([Slug::MalformedRequest, Slug::TooLarge, Slug::UnsupportedMediaType]);
    }
    let has_ids = operation.parameters.iter().flatten().any(|parameter| match parameter {
        RefOr::T(parameter) => parameter.parameter_in == utoipa::openapi::path::ParameterIn::Path,
        RefOr::Ref(_) => false,
    });
    if has_ids && matches!(access, Access::Needs(_)) {
        implied.extend([Slug::InvalidId, Slug::NotFound]);
    }
    slugs.extend(implied.into_iter().map(|slug| slug.as_str().to_owned()));
    slugs.sort_unstable();
    slugs.dedup();
    slugs
}

/// The page of permissions.
#[must_use]
pub fn reference(routes: &[Described]) -> String {
    let mut page = String::from(
        "# Who may do what\n\n<!-- Generated by `UPDATE=1 cargo test -p centrala` from the route table. -->\n\n\
         An agent works in the inboxes he is a member of; admins and owners see every inbox. What somebody may\n\
         not see answers exactly like what does not exist.\n\n\
         | Method | Path | Operation | Permission | Lowest role |\n|---|---|---|---|---|\n",
    );
    let mut routes: Vec<&Described> = routes.iter().collect();
    routes.sort_by_key(|route| (route.path.clone(), route.method.to_string()));
    for route in routes {
        let (permission, role) = match route.access {
            Access::Needs(permission) => (format!("`{permission:?}`"), permission.least_role().as_str()),
            Access::Public => ("anyone".to_owned(), ""),
            Access::OwnProof => ("own proof (signature, ticket or session)".to_owned(), ""),
        };
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            page,
            "| {} | `{}` | `{}` | {permission} | {role} |",
            route.method, route.path, route.operation
        );
    }
    page
}
