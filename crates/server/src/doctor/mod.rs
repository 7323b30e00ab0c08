//! The doctor: what is broken, in plain words, and what to do about it. One check per file; a new one is one
//! line in `CHECKS`, and what it can say stands in [`said`].

mod clock;
mod database;
mod dead_jobs;
mod disk_space;
mod inboxes;
mod queue_age;
mod receipts;
pub mod said;
mod schema;

use std::path::PathBuf;

use centrala_domain::permission::Scope;
use centrala_domain::ports::BoxFuture;
use centrala_domain::{Timestamp, WorkspaceId};
use centrala_store::Store;
use serde::Serialize;
use utoipa::ToSchema;

use crate::state::App;
use said::Said;

/// Whom the doctor looks at.
pub struct Patient {
    /// The database.
    pub store: Store,
    /// Folder of everything that is kept.
    pub data_dir: PathBuf,
    /// Whose receipts, jobs and inboxes: one workspace, or all of them.
    pub workspaces: Vec<WorkspaceId>,
}

impl Patient {
    /// The running program, seen from one workspace.
    #[must_use]
    pub fn of(app: &App, workspace: WorkspaceId) -> Self {
        Self { store: app.store.clone(), data_dir: app.config.data_dir.clone(), workspaces: vec![workspace] }
    }

    fn scopes(&self) -> impl Iterator<Item = Scope> {
        self.workspaces.iter().copied().map(Scope::system)
    }

    fn now(&self) -> Timestamp {
        self.store.clock().now()
    }
}

/// How long it may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// A moment, also while the server works.
    Quick,
    /// As long as reading the whole database takes.
    Deep,
}

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// As it should be.
    Fine,
    /// Works, but someone should look.
    Warning,
    /// Does not work.
    Broken,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Finding {
    /// What was looked at.
    #[schema(example = "disk_space")]
    pub check: String,
    /// How it stands.
    pub condition: Condition,
    /// What was found, as a name with its values: what to say about it is the screen's.
    pub said: Said,
    /// What was seen, in English.
    #[schema(example = "12000 MB are free in the data folder")]
    pub seen: String,
    /// What to do, in English; empty when nothing.
    #[schema(example = "")]
    pub remedy: String,
}

impl From<Said> for Finding {
    fn from(said: Said) -> Self {
        Self {
            check: said.check().to_owned(),
            condition: said.condition(),
            seen: said.seen(),
            remedy: said.remedy().to_owned(),
            said,
        }
    }
}

/// Everything that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReportOut {
    /// The worst of the findings.
    pub condition: Condition,
    /// One line for each thing that was looked at.
    pub findings: Vec<Finding>,
}

type Check = for<'a> fn(&'a Patient, Depth) -> BoxFuture<'a, centrala_store::Result<Vec<Said>>>;

/// Every check: one line for each.
const CHECKS: &[(&str, Check)] = &[
    ("database", |patient, depth| Box::pin(database::check(patient, depth))),
    ("schema", |patient, _| Box::pin(schema::check(patient))),
    ("disk_space", |patient, _| Box::pin(disk_space::check(patient))),
    ("clock", |patient, _| Box::pin(clock::check(patient))),
    ("receipts", |patient, _| Box::pin(receipts::check(patient))),
    ("queue_age", |patient, _| Box::pin(queue_age::check(patient))),
    ("dead_jobs", |patient, _| Box::pin(dead_jobs::check(patient))),
    ("inboxes", |patient, _| Box::pin(inboxes::check(patient))),
];

/// Runs every check; one that fails is a finding of its own.
pub async fn examine(patient: &Patient, depth: Depth) -> ReportOut {
    let mut findings = Vec::new();
    for (name, check) in CHECKS {
        let said = check(patient, depth).await.unwrap_or_else(|error| {
            vec![Said::NotLookedAt { check: (*name).to_owned(), why: error.to_string() }]
        });
        findings.extend(said.into_iter().map(Finding::from));
    }
    let condition = findings.iter().map(|finding| finding.condition).max().unwrap_or(Condition::Fine);
    ReportOut { condition, findings }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestApp;

    async fn broken(app: &TestApp) -> Vec<String> {
        let report = examine(&Patient::of(&app.app, app.shop.id), Depth::Deep).await;
        for (name, _) in CHECKS {
            assert!(report.findings.iter().any(|finding| finding.check == *name), "{name}: {report:?}");
        }
        app.shop.admin.get("/api/v1/doctor").await.ok();
        app.app.stop().await;
        app.app.store.close().await;
        let broken = report.findings.into_iter().filter(|finding| finding.condition == Condition::Broken);
        broken.map(|finding| finding.seen).collect()
    }

    #[tokio::test]
    async fn healthy_installation_has_nothing_broken() {
        let found = broken(&TestApp::start().await).await;
        assert!(found.is_empty(), "{found:?}");
    }

    #[tokio::test]
    async fn server_that_forgets_commits_is_found_out() {
        // The PostgreSQL of tests trades durability for speed.
        let found = broken(&TestApp::start_on_postgres().await).await;
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("synchronous_commit is off"));
    }
}
