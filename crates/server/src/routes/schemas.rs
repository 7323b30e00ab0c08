//! Names of the domain's enums for the API description. Never made: the values themselves are the domain's.

use utoipa::ToSchema;

/// What an agent may do.
#[derive(Debug, ToSchema)]
#[schema(as = Role, rename_all = "snake_case")]
pub enum RoleSchema {
    /// Works with conversations in the inboxes he is a member of.
    Agent,
    /// Also manages inboxes, agents and labels.
    Admin,
    /// Also manages owners and the workspace itself.
    Owner,
}

/// Language of screens.
#[derive(Debug, ToSchema)]
#[schema(as = Language, rename_all = "lowercase")]
pub enum LanguageSchema {
    /// English.
    En,
    /// Romanian.
    Ro,
}

/// Kind of transport.
#[derive(Debug, ToSchema)]
#[schema(as = ChannelKind, rename_all = "snake_case")]
pub enum ChannelKindSchema {
    /// WhatsApp Business Platform, Cloud API.
    WhatsappCloud,
}

/// How a check ended.
#[derive(Debug, ToSchema)]
#[schema(as = Verdict, rename_all = "snake_case")]
pub enum VerdictSchema {
    /// As it should be.
    Fine,
    /// Works, but someone should look.
    Warning,
    /// Does not work.
    Broken,
    /// Could not be found out.
    Unknown,
}

/// A day of the week.
#[derive(Debug, ToSchema)]
#[schema(as = Weekday, rename_all = "snake_case")]
#[expect(missing_docs, reason = "everybody knows them")]
pub enum WeekdaySchema {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}
