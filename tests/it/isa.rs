//! Which instruction sets do the tests reach? Those that this machine has; the others are named on stderr.
//!
//! `REQUIRE_ISA=avx512-vnni,avx2` makes it a failure if one of these does not run, so that a machine that is known to have
//! it cannot pass without it.

use std::io::Write;

use nextread::similarity::{Isa, Kernels};

fn place(isa: Isa) -> usize {
    Isa::ALL.into_iter().position(|other| other == isa).unwrap()
}

/// Says why the comma-separated names of `required` cannot all be tested here.
fn fault(required: &str) -> Option<String> {
    let best = Kernels::best().isa();
    let fault = |name| match Isa::parse(name) {
        None => Some(format!("REQUIRE_ISA: there is no instruction set {name}; known are {}", all_names())),
        Some(isa) if Kernels::for_isa(isa).is_none() => Some(format!("REQUIRE_ISA: {name} does not run here")),
        Some(isa) if place(best) < place(isa) => {
            Some(format!("REQUIRE_ISA: {name} runs here, but {} was chosen", best.as_str()))
        }
        Some(_) => None,
    };
    required.split(',').map(str::trim).filter(|name| !name.is_empty()).find_map(fault)
}

fn all_names() -> String {
    Isa::ALL.map(Isa::as_str).join(", ")
}

#[test]
fn required_instruction_sets_run() {
    let (here, absent): (Vec<Isa>, Vec<Isa>) = Isa::ALL.into_iter().partition(|isa| Kernels::for_isa(*isa).is_some());
    let names = |isas: Vec<Isa>| isas.into_iter().map(Isa::as_str).collect::<Vec<_>>().join(", ");
    // Not by a macro, whose output the test harness keeps back.
    writeln!(std::io::stderr(), "instruction sets: tested {}; skipped {}", names(here), names(absent)).unwrap();
    let required = std::env::var("REQUIRE_ISA").unwrap_or_default();
    assert_eq!(fault(&required), None);
}

#[test]
fn a_name_that_is_unknown_or_absent_is_a_fault() {
    assert_eq!(fault(""), None);
    assert_eq!(fault("scalar, scalar"), None);
    assert!(fault("scalar,avx1024").unwrap().contains("no instruction set avx1024"));
    let elsewhere = if cfg!(target_arch = "x86_64") { "neon" } else { "avx2" };
    assert!(fault(elsewhere).unwrap().contains("does not run here"));
}

#[test]
fn kernels_are_of_the_set_that_was_asked_for() {
    for isa in Isa::ALL {
        assert!(Kernels::for_isa(isa).is_none_or(|kernels| kernels.isa() == isa), "{isa:?}");
        assert_eq!(Isa::parse(isa.as_str()), Some(isa));
    }
}
