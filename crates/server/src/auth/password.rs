//! Passwords: the rules, and argon2id behind a queue, so that many sign-ins at once cannot eat the memory.

use std::sync::{Arc, LazyLock};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use centrala_domain::Private;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization as _;

use crate::problem::{Answer, Problem, Slug};

/// Fewest characters of a password.
pub const MIN_CHARACTERS: usize = 8;
/// Most characters of a password.
pub const MAX_CHARACTERS: usize = 256;

/// Passwords that are tried first by whoever guesses, one in each line, lower case.
const COMMON: &str = include_str!("common_passwords.txt");

/// Hashes and checks passwords, a few at a time.
#[derive(Clone)]
pub struct Passwords {
    permits: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
        Self { permits: Arc::new(Semaphore::new(cores * 2)) }
    }
}

/// OWASP ASVS 5.0 appendix C: argon2id with 19 MiB, two passes, one lane; what the crate's defaults are.
fn hasher() -> Argon2<'static> {
    Argon2::default()
}

/// What an unknown account is checked against, so that it takes the same time as a known one.
static NOBODY: LazyLock<String> = LazyLock::new(|| {
    hasher()
        .hash_password(b"nobody has this password")
        .map_or_else(|_| String::new(), |hash| hash.to_string())
});

fn normal(password: &Private) -> String {
    password.expose().nfc().collect()
}

/// Checks a new password against the rules. `context` are words that must not be the password: the e-mail
/// address, the name.
///
/// # Errors
/// [`Slug::PasswordRefused`] with the rule.
pub fn check_rules(password: &Private, context: &[&str]) -> Answer<()> {
    let refuse =
        |code: &str, detail: String| Problem::new(Slug::PasswordRefused).at("/password", code, detail);
    let password = normal(password);
    let characters = password.chars().count();
    if characters < MIN_CHARACTERS {
        let detail = format!("at least {MIN_CHARACTERS} characters");
        return Err(refuse("too-short", detail).with("min", MIN_CHARACTERS));
    }
    if characters > MAX_CHARACTERS {
        let detail = format!("at most {MAX_CHARACTERS} characters");
        return Err(refuse("too-long", detail).with("max", MAX_CHARACTERS));
    }
    let folded = password.to_lowercase();
    let is_context = context.iter().any(|word| {
        let word = word.to_lowercase();
        folded == word || word.split('@').next() == Some(folded.as_str())
    });
    if is_context || COMMON.lines().any(|common| common == folded) {
        return Err(refuse("too-common", "this password is among the first that are guessed".into()));
    }
    Ok(())
}

impl Passwords {
    /// Hashes a password.
    ///
    /// # Errors
    /// [`Slug::Unavailable`] when the machine cannot do it now.
    pub async fn hash(&self, password: &Private) -> Answer<Private> {
        let password = normal(password);
        self.run(move || {
            hasher().hash_password(password.as_bytes()).ok().map(|hash| Private::new(hash.to_string()))
        })
        .await?
        .ok_or_else(|| Problem::new(Slug::Unavailable))
    }

    /// Whether a password belongs to a hash; without a hash never, in the same time.
    ///
    /// # Errors
    /// [`Slug::Unavailable`] when the machine cannot do it now.
    pub async fn is_right(&self, password: &Private, hash: Option<&Private>) -> Answer<bool> {
        let password = normal(password);
        let is_account = hash.is_some();
        let hash = hash.map(|hash| hash.expose().clone());
        self.run(move || {
            // Asked for in either case: the first use makes it, which takes time.
            let nobody = NOBODY.as_str();
            let hash = hash.as_deref().unwrap_or(nobody);
            let Ok(parsed) = PasswordHash::new(hash) else { return false };
            hasher().verify_password(password.as_bytes(), &parsed).is_ok() && is_account
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Answer<T> {
        let unavailable = || Problem::new(Slug::Unavailable);
        let permit = self.permits.clone().acquire_owned().await.map_err(|_| unavailable())?;
        tokio::task::spawn_blocking(move || {
            let out = work();
            drop(permit);
            out
        })
        .await
        .map_err(|_| unavailable())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_refuse_short_long_and_common_passwords() {
        let code = |text: &str| check_rules(&Private::from(text), &["maria@example.com"]).err();
        for refused in ["short", "password", "Parola123", "maria@example.com", &"x".repeat(257)] {
            assert_eq!(code(refused).unwrap().slug(), Slug::PasswordRefused, "{refused}");
        }
        for accepted in ["țuică și covrigi", &"x".repeat(256), "        x"] {
            assert!(code(accepted).is_none(), "{accepted}");
        }
    }

    #[tokio::test]
    async fn hash_is_argon2id_with_the_agreed_costs() {
        let hash = Passwords::default().hash(&Private::from("covrigi calzi")).await.unwrap();
        assert!(hash.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    }

    #[tokio::test]
    async fn same_password_in_another_normal_form_is_right() {
        let passwords = Passwords::default();
        let hash = passwords.hash(&Private::from("\u{0219}tiuc\u{0103} bun\u{0103}")).await.unwrap();
        let decomposed = Private::from("s\u{0326}tiuca\u{0306} buna\u{0306}");
        assert!(passwords.is_right(&decomposed, Some(&hash)).await.unwrap());
        assert!(!passwords.is_right(&Private::from("stiuca buna"), Some(&hash)).await.unwrap());
        assert!(!passwords.is_right(&Private::from("nobody has this password"), None).await.unwrap());
    }
}
