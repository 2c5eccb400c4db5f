//! Which words say nothing about a subject? English ones; of other languages frequency tells.

use std::collections::HashSet;
use std::sync::LazyLock;

/// English words that say nothing about a subject. Words that are frequent in the corpus at hand are left out by their
/// document frequency, whatever the language.
const FUNCTION_WORDS: &str = "a about above across after again against all almost along already also although always am \
    among an and another any anything are around as at away back be became because become been before behind being \
    below between both but by came can cannot come could did do does doing done down during each either else enough \
    even ever every few first for from further gave get gets getting give given goes going got had has have having he \
    her here him his how however i if in instead into is it its itself just keep keeps kept last least less let like \
    made make makes many may me might more most much must my need needed needs neither never new next no nor not \
    nothing now of off often on once one only onto or other others our out over own part per post posts put rather \
    same second see seen several shall she should show shows since so some something still such take taken takes than \
    that the their them themselves then there therefore these they thing things third this those though three through \
    thus to together too toward two under until up upon us use used uses using very via was way ways we well went were \
    what when where whether which while who whole whom whose why will with within without would yet you your";

static SET: LazyLock<HashSet<&str>> = LazyLock::new(|| FUNCTION_WORDS.split(' ').collect());

/// Tells whether an English word, in lower case, says nothing about a subject.
pub(crate) fn is_function_word(word: &str) -> bool {
    SET.contains(word)
}
