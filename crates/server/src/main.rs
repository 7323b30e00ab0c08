//! The `centrala` program.

fn main() -> std::process::ExitCode {
    centrala::cli::main()
}
