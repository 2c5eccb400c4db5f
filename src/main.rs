//! Parse, run, print the error, exit code.

fn main() -> std::process::ExitCode {
    nextread::cli::main()
}
