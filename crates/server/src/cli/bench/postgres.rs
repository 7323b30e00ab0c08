//! A private PostgreSQL with the server's own durability, for as long as a bench takes.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use nix::unistd::{User, geteuid};
use tempfile::TempDir;

/// A cluster of its own.
pub(super) struct Private {
    server: Child,
    port: u16,
    _directory: TempDir,
}

/// The newest packaged `initdb` and `postgres`, or those of the search path.
fn programs() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = folders.map(|entry| entry.path().join("bin")).collect();
    folders.retain(|folder| folder.join("initdb").is_file());
    folders.sort();
    folders.pop().unwrap_or_default()
}

impl Private {
    /// Makes and starts it.
    pub(super) async fn start() -> anyhow::Result<Self> {
        let programs = programs();
        let directory = tempfile::Builder::new().prefix("centrala-bench-postgres-").tempdir()?;
        // The server refuses to run as root, so root lends it another user.
        let user = if geteuid().is_root() {
            User::from_name("postgres")?.or(User::from_name("nobody")?)
        } else {
            None
        };
        if let Some(user) = &user {
            std::os::unix::fs::chown(directory.path(), Some(user.uid.as_raw()), Some(user.gid.as_raw()))?;
        }
        let command = |program: &str| {
            let mut command = Command::new(programs.join(program));
            command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C").current_dir("/");
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            if let Some(user) = &user {
                command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
            }
            command
        };
        let data = directory.path().join("data");
        let made = command("initdb")
            .args(["-U", "centrala", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-D"])
            .arg(&data)
            .status()
            .context("initdb was not found: install PostgreSQL, or give --database-url")?;
        if !made.success() {
            bail!("initdb failed: give --database-url instead");
        }
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let settings =
            [format!("port={port}"), "listen_addresses=127.0.0.1".into(), "unix_socket_directories=".into()];
        let server = command("postgres")
            .arg("-D")
            .arg(&data)
            .args(settings.iter().flat_map(|setting| ["-c", setting.as_str()]))
            .spawn()?;
        let mut private = Self { server, port, _directory: directory };
        for _ in 0..600 {
            let state = std::fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
            if state.lines().nth(7).is_some_and(|line| line.trim() == "ready") {
                return Ok(private);
            }
            if let Some(status) = private.server.try_wait()? {
                bail!("the private PostgreSQL ended: {status}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("the private PostgreSQL was not ready after half a minute")
    }

    /// Its database.
    pub(super) fn url(&self) -> String {
        format!("postgres://centrala@127.0.0.1:{}/postgres?sslmode=disable", self.port)
    }

    /// Ends it in good order.
    pub(super) async fn stop(mut self) -> anyhow::Result<()> {
        let pid = nix::unistd::Pid::from_raw(i32::try_from(self.server.id())?);
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT)?;
        for _ in 0..500 {
            if self.server.try_wait()?.is_some() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("the private PostgreSQL did not end")
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        // Gone after `stop`. Otherwise a bench failed: an immediate end takes its children along.
        if let Ok(None) = self.server.try_wait()
            && let Ok(pid) = i32::try_from(self.server.id())
        {
            let _ =
                nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGQUIT);
            drop(self.server.wait());
        }
    }
}
