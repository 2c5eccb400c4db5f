//! What does `nextread.toml` wish of single posts? Tables `[posts."an id, a URL or a path"]` with the keys that front matter has, too.

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::errors::Usage;
use super::settings::Origin;
use crate::corpus::Wishes;

/// The key that holds these tables.
pub(super) const POSTS: &str = "posts";

/// What is wished of one post.
#[derive(Debug, Clone)]
pub(super) struct PostSetting {
    /// As it is written: an id, a URL or a path.
    pub(super) name: String,
    pub(super) wishes: Wishes,
    pub(super) origin: Origin,
}

/// Reads the tables of all posts; `place` says where in the file a byte is.
pub(super) fn post_settings(
    posts: &Spanned<DeValue<'_>>,
    place: &dyn Fn(usize) -> Origin,
) -> Result<Vec<PostSetting>, Usage> {
    let mut settings = Vec::new();
    for (name, fields) in table(posts, POSTS, place)? {
        let mut wishes = Wishes::default();
        for (key, value) in table(fields, &format!("posts.\"{}\"", name.get_ref()), place)? {
            let taken = wishes.take(key.get_ref(), &json(value.get_ref()));
            taken.map_err(|fault| Usage::new(format!("{}: {fault}", place(key.span().start))))?;
        }
        let (name, origin) = (name.get_ref().to_string(), place(name.span().start));
        settings.push(PostSetting { name, wishes, origin });
    }
    Ok(settings)
}

fn table<'v, 'i>(
    value: &'v Spanned<DeValue<'i>>,
    what: &str,
    place: &dyn Fn(usize) -> Origin,
) -> Result<&'v DeTable<'i>, Usage> {
    let DeValue::Table(table) = value.get_ref() else {
        let place = place(value.span().start);
        return Err(Usage::new(format!("{place}: {what} must be a table, such as [posts.\"an-id\"]")));
    };
    Ok(table)
}

/// Turns what a wish may be into JSON; anything else becomes null, which is no wish.
fn json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => text.to_string().into(),
        DeValue::Boolean(answer) => (*answer).into(),
        DeValue::Array(values) => values.iter().map(|value| json(value.get_ref())).collect(),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(toml: &str, expect: Result<&[(&str, &str)], &str>) {
        let file = DeTable::parse(toml).unwrap();
        let place = |at: usize| Origin::File("f".into(), 1 + toml[..at].matches('\n').count());
        let read = post_settings(&file.get_ref()[POSTS], &place).map_err(|error| error.to_string());
        let read = read.map(|settings| {
            let json = |setting: PostSetting| (setting.name, serde_json::to_string(&setting.wishes).unwrap());
            settings.into_iter().map(json).collect::<Vec<_>>()
        });
        let expect =
            expect.map(|all| all.iter().map(|(name, json)| ((*name).to_owned(), (*json).to_owned())).collect());
        assert_eq!(read, expect.map_err(str::to_owned), "{toml}");
    }

    #[test]
    fn each_post_has_a_table() {
        check(
            "[posts.\"a/b.md\"]\npin = [\"c\"]\nlist = false\n",
            Ok(&[("a/b.md", "{\"pin\":[\"c\"],\"list\":false}")]),
        );
        check("[posts.a]\n\nhiden = true\n", Err("f:3: unknown key \"hiden\"; did you mean \"hidden\"?"));
        check("[posts.a]\npin = 7\n", Err("f:2: pin must be a post or a list of posts in quotes"));
        check("posts = [\"a\"]\n", Err("f:1: posts must be a table, such as [posts.\"an-id\"]"));
        check("[posts]\na = true\n", Err("f:2: posts.\"a\" must be a table, such as [posts.\"an-id\"]"));
    }
}
