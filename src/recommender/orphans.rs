//! How does a post get a link that nothing leads to? A place in the list of a post that is near to it.

use std::collections::HashMap;

use super::links::{Link, LinksOptions, Loss, Lost, PostLinks, Site};
use super::scores::Depth;
use super::{Recommender, RelatedOptions};
use crate::rank::mmr::Candidate;
use crate::rank::stable::Gain;

impl Recommender {
    /// Gives posts that neither a text nor a list leads to a place in the list of the nearest post that has one: free, or that of its last link to a post
    /// that other lists have, too. At most `options.orphans` places of a list; never below the least score.
    pub(super) fn lead_to_orphans(&self, all: &mut [PostLinks], site: &Site<'_>, options: &LinksOptions) {
        let mut lists_with = vec![0_usize; self.corpus.len()];
        all.iter().flat_map(|list| &list.links).for_each(|link| lists_with[link.position] += 1);
        let is_orphan = |&post: &usize| {
            lists_with[post] == 0
                && !self.editorial().is_hidden(post)
                && !self.links().to(post).iter().any(|&from| (site.has)(from))
        };
        let orphans: Vec<usize> = all.iter().map(|list| list.position).filter(is_orphan).collect();
        let at: HashMap<usize, usize> = all.iter().enumerate().map(|(at, list)| (list.position, at)).collect();
        let mut reserved = vec![0_usize; all.len()];
        for orphan in orphans {
            let nearest = self.scored(self.question_of(orphan, &options.related), Depth::All).ranked(Some(orphan));
            let hosts = nearest.iter().filter_map(|host| at.get(&host.position).copied());
            let may_host =
                |host: &usize| reserved[*host] < options.orphans && self.editorial().has_list(all[*host].position);
            for host in hosts.filter(may_host).collect::<Vec<_>>() {
                let Some(link) = self.link_to_orphan(&all[host], orphan, &options.related) else { continue };
                if let Some(given_up) = make_room(&mut all[host], options.related.limit, &mut lists_with) {
                    let before = (site.before)(all[host].position).unwrap_or_default();
                    take_in(&mut all[host], link, given_up, &before);
                    reserved[host] += 1;
                    lists_with[orphan] += 1;
                    break;
                }
            }
        }
    }

    /// Scores an orphan for a list; `None` where `related` would never show it there.
    fn link_to_orphan(&self, list: &PostLinks, orphan: usize, related: &RelatedOptions) -> Option<Candidate> {
        let host = list.position;
        let related = self.with_linked(host, related);
        // Nor what tells the story of a pin.
        let pinned = list.links.iter().filter(|link| link.is_pinned).map(|link| link.position);
        let known: Vec<usize> = [host].into_iter().chain(pinned).collect();
        let gate = related.gate(self.background(), &known);
        let score = self.parts(self.question_of(host, &related), &[orphan])[0].sum();
        let candidate = Candidate { position: orphan, score };
        let shown: Vec<Candidate> =
            list.links.iter().map(|link| Candidate { position: link.position, score: link.score }).collect();
        let passed = self.pass(&[candidate], &gate).candidates.first().copied();
        passed.filter(|&candidate| self.caps_allow(&gate, &shown, candidate))
    }
}

/// Tells what a list gives up for an orphan: nothing where it is not full, else its last link to a post that another list
/// has, too. `None` where it cannot.
fn make_room(list: &mut PostLinks, limit: usize, lists_with: &mut [usize]) -> Option<Option<Link>> {
    if list.links.len() < limit {
        return Some(None);
    }
    let at = list.links.iter().rposition(|link| lists_with[link.position] > 1 && !link.is_pinned)?;
    let given_up = list.links.remove(at);
    lists_with[given_up.position] -= 1;
    Some(Some(given_up))
}

fn take_in(list: &mut PostLinks, Candidate { position, score }: Candidate, given_up: Option<Link>, before: &[usize]) {
    let gain = (!before.contains(&position)).then_some(Gain::Orphan);
    list.links.push(Link { position, score, gain, is_pinned: false });
    list.lost.retain(|lost| lost.position != position);
    if let Some(link) = given_up.filter(|link| before.contains(&link.position)) {
        let why = Loss::Replaced(position);
        list.lost.push(Lost { position: link.position, score: Some(link.score), why });
    }
}
