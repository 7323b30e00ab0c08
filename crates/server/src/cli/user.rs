//! `centrala user`: people, from the terminal of the machine. Whoever has it owns the installation.

use anyhow::{Context as _, anyhow};
use centrala_domain::permission::{Role, Scope};
use centrala_domain::workspace::{Language, Settings};
use centrala_domain::{Private, TraceId, WorkspaceId};
use centrala_engine::commands::agents::add::AddAgent;
use centrala_engine::commands::agents::set_password::SetPassword;
use centrala_engine::commands::workspace::set_up::{FirstOwner, SetUp, SetUpProof};
use centrala_store::{Origin, Store, agents, workspaces};
use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use serde_json::json;

use super::settings::Common;
use super::{Failure, print};
use crate::auth::password::{self, Passwords};
use crate::auth::secret;
use crate::{boot, telemetry};

/// What to do with agents.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add an agent; the first one makes the workspace and owns it
    Add(AddArgs),
    /// Give an agent a new password; his sessions end
    Passwd(PasswdArgs),
    /// List the agents
    List(ListArgs),
}

#[derive(Debug, ClapArgs)]
pub(super) struct AddArgs {
    #[command(flatten)]
    common: Common,
    /// Sign-in name
    email: String,
    /// Shown to colleagues
    #[arg(long)]
    name: String,
    /// What he may do
    #[arg(long, value_enum, default_value_t = RoleArg::Agent)]
    role: RoleArg,
    /// Language of his screens
    #[arg(long, value_enum, default_value_t = LanguageArg::En)]
    language: LanguageArg,
    /// Name of the workspace, for the first agent
    #[arg(long, default_value = "Centrala")]
    workspace: String,
    /// Password; without it a random one is made and printed
    #[arg(long, env = "CENTRALA_PASSWORD", hide_env_values = true)]
    password: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub(super) struct PasswdArgs {
    #[command(flatten)]
    common: Common,
    /// Sign-in name
    email: String,
    /// Password; without it a random one is made and printed
    #[arg(long, env = "CENTRALA_PASSWORD", hide_env_values = true)]
    password: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub(super) struct ListArgs {
    #[command(flatten)]
    common: Common,
    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum RoleArg {
    Agent,
    Admin,
    Owner,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum LanguageArg {
    En,
    Ro,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Agent => Self::Agent,
            RoleArg::Admin => Self::Admin,
            RoleArg::Owner => Self::Owner,
        }
    }
}

impl From<LanguageArg> for Language {
    fn from(language: LanguageArg) -> Self {
        match language {
            LanguageArg::En => Self::En,
            LanguageArg::Ro => Self::Ro,
        }
    }
}

pub(super) async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Add(args) => on_store(&args.common, async |store| add(store, &args).await).await,
        Command::Passwd(args) => on_store(&args.common, async |store| passwd(store, &args).await).await,
        Command::List(args) => on_store(&args.common, async |store| list(store, &args).await).await,
    }
}

async fn on_store(
    common: &Common,
    work: impl AsyncFnOnce(&Store) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let config = common.load_quiet()?;
    telemetry::start(&config)?;
    let opened = boot::open(&config).await?;
    let outcome = work(&opened.engine.store).await;
    opened.engine.store.close().await;
    outcome
}

/// A password that was given, checked; or a random one, printed.
async fn hashed(given: Option<&String>, context: &[&str]) -> anyhow::Result<Private> {
    let password = match given {
        Some(password) => {
            let password = Private::from(password.as_str());
            password::check_rules(&password, context).map_err(|problem| {
                let errors = problem.body("").errors;
                anyhow!(
                    "the password is refused: {}",
                    errors.first().map_or("", |error| error.detail.as_str())
                )
            })?;
            password
        }
        None => {
            let password = random_password()?;
            print::line(&format!("password: {}", password.expose()));
            password
        }
    };
    Passwords::default().hash(&password).await.map_err(|_| anyhow!("the password could not be hashed"))
}

/// Long enough that nobody guesses it, short enough to be typed once.
pub(super) fn random_password() -> anyhow::Result<Private> {
    let secret = secret::new_secret().map_err(|_| anyhow!("the system gives no random bytes"))?;
    Ok(Private::new(secret.expose().chars().take(20).collect()))
}

async fn workspace(store: &Store) -> anyhow::Result<Option<WorkspaceId>> {
    let mut reader = store.read().await?;
    Ok(workspaces::ids(&mut reader).await?.into_iter().next())
}

async fn add(store: &Store, args: &AddArgs) -> Result<(), Failure> {
    let password_hash = hashed(args.password.as_ref(), &[&args.email, &args.name]).await?;
    let trace: TraceId = store.new_id();
    let (name, email) = (args.name.clone(), args.email.clone());
    let language = args.language.into();
    let agent = match workspace(store).await? {
        Some(workspace) => {
            let command = AddAgent { name, email, role: args.role.into(), language, password_hash };
            store.execute(Origin::system(workspace, trace), command).await.map_err(anyhow::Error::new)?
        }
        None => {
            let id: WorkspaceId = store.new_id();
            let command = SetUp {
                proof: SetUpProof::Operator,
                name: args.workspace.clone(),
                settings: Settings { language, ..Settings::default() },
                owner: FirstOwner { name, email, password_hash, language },
            };
            let (_, owner) =
                store.execute(Origin::system(id, trace), command).await.map_err(anyhow::Error::new)?;
            owner
        }
    };
    print::line(&format!("{} {} {}", agent.id, agent.role.as_str(), agent.email));
    Ok(())
}

async fn passwd(store: &Store, args: &PasswdArgs) -> Result<(), Failure> {
    let mut reader = store.read().await.map_err(anyhow::Error::new)?;
    let found =
        agents::find_by_email_for_sign_in(&mut reader, &args.email).await.map_err(anyhow::Error::new)?;
    drop(reader);
    let found =
        found.with_context(|| "there is no agent with this e-mail address: see `centrala user list`")?;
    let password_hash = hashed(args.password.as_ref(), &[&found.agent.email, &found.agent.name]).await?;
    let origin = Origin::system(found.workspace, store.new_id());
    let command = SetPassword { agent: found.agent.id, password_hash, kept: None };
    store.execute(origin, command).await.map_err(anyhow::Error::new)?;
    Ok(())
}

async fn list(store: &Store, args: &ListArgs) -> Result<(), Failure> {
    let mut reader = store.read().await.map_err(anyhow::Error::new)?;
    let mut all = Vec::new();
    for workspace in workspaces::ids(&mut reader).await.map_err(anyhow::Error::new)? {
        let scope = Scope::system(workspace);
        all.extend(agents::list(&scope, &mut reader).await.map_err(anyhow::Error::new)?);
    }
    if args.json {
        print::json(&json!({"agents": all}))?;
        return Ok(());
    }
    for agent in all {
        let state = if agent.disabled_at.is_some() { "disabled" } else { "" };
        print::line(&format!(
            "{} {:<6} {} {} {state}",
            agent.id,
            agent.role.as_str(),
            agent.email,
            agent.name
        ));
    }
    Ok(())
}
