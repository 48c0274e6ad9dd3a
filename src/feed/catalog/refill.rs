//! A catalog filled with what an earlier run knew.

use jiff::Timestamp;
use rayon::prelude::*;

use super::{Catalog, Finder, Known, Names, Packed, Place, Slots, Stand};

/// Fills an empty catalog with what an earlier run knew: no feed shows a difference by that, and
/// all that finds and orders articles is made once, at the end.
pub struct Refill<'a> {
    catalog: &'a mut Catalog,
    places: Vec<Vec<Place>>,
}

impl<'a> Refill<'a> {
    pub fn new(catalog: &'a mut Catalog) -> Refill<'a> {
        Refill { catalog, places: Vec::new() }
    }

    pub fn take(&mut self, known: &Known, packed: Packed, names: &mut Names, now: Timestamp) {
        let catalog = &mut *self.catalog;
        let stand = catalog.stand(known, packed, names, now);
        let slot = catalog.stands.take(stand);
        catalog.wait_for(known, slot, now);
        if self.places.len() < catalog.shelves.len() {
            self.places.resize(catalog.shelves.len(), Vec::new());
        }
        let Stand { moment, shelves, .. } = catalog.stands.at(slot);
        let place = Place { moment: *moment, slot };
        for number in shelves {
            self.places[*number as usize].push(place);
        }
    }

    /// Returns the ids of articles whose path is another's too, and who are not found there: of
    /// two at one path the one whose file changed last holds it.
    pub fn end(self) -> Vec<String> {
        let Catalog { stands, by_id, by_path, shelves, .. } = self.catalog;
        let stands = &*stands;
        let (displaced, _) = rayon::join(
            || fill_paths(by_path, stands),
            || {
                *by_id = by_id.clone().filled(stands);
                shelves.par_iter_mut().zip(self.places).for_each(|(shelf, places)| {
                    shelf.places = places.into_iter().collect();
                });
            },
        );
        displaced
    }
}

fn fill_paths(by_path: &mut Finder, stands: &Slots<Stand>) -> Vec<String> {
    let mut displaced = Vec::new();
    by_path.expect(stands, stands.len());
    for (slot, stand) in stands.iter() {
        let holder = by_path.find(stands, stand.packed.path().as_bytes()).next();
        if let Some(holder) = holder {
            let changed = |slot| stands.packed(slot).known().signature.changed;
            if changed(holder) > changed(slot) {
                displaced.push(stand.packed.id().to_string());
                continue;
            }
            displaced.push(stands.packed(holder).id().to_string());
            by_path.remove(stands, holder);
        }
        by_path.add(stands, slot);
    }
    displaced
}
