//! The extractor that is the permission: a handler that asks for `Allowed<ManageLabels>` gets the agent and his
//! scope, and there is no other way to a scope.

use std::convert::Infallible;
use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use centrala_domain::permission::{Permission, Scope};
use centrala_store::Origin;

use super::authenticate::{Caller, in_request};
use crate::problem::{Problem, Slug};

/// A permission as a type.
pub trait Needs: Send + Sync + 'static {
    /// Which.
    const PERMISSION: Permission;
}

macro_rules! markers {
    ($($name:ident),+ $(,)?) => {$(
        #[doc = concat!("[`Permission::", stringify!($name), "`] as a type.")]
        #[derive(Debug, Clone, Copy)]
        pub struct $name(Infallible);

        impl Needs for $name {
            const PERMISSION: Permission = Permission::$name;
        }
    )+};
}

markers!(
    ReadConversations,
    WorkConversations,
    ReadWorkspace,
    ManageLabels,
    ManageInboxes,
    ManageAgents,
    ManageWorkspace,
    Operate,
    ManageSelf,
);

/// An agent who has a permission.
#[derive(Debug, Clone)]
pub struct Allowed<P> {
    /// Who.
    pub caller: Caller,
    /// What he may see.
    pub scope: Scope,
    permission: PhantomData<P>,
}

impl<P> Allowed<P> {
    /// In whose name commands of this request run.
    #[must_use]
    pub const fn origin(&self) -> Origin {
        self.caller.origin()
    }
}

impl<P: Needs, S: Send + Sync> FromRequestParts<S> for Allowed<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let caller = in_request(parts)?;
        if !caller.agent.role.may(P::PERMISSION) {
            return Err(Problem::new(Slug::Forbidden));
        }
        let scope = caller.scope();
        Ok(Self { caller, scope, permission: PhantomData })
    }
}
