//! How moments are kept: as nanoseconds where bytes count, as text where people may read.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

pub fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    match serializer.is_human_readable() {
        true => at.serialize(serializer),
        false => at.as_nanosecond().serialize(serializer),
    }
}

pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    match deserializer.is_human_readable() {
        true => Timestamp::deserialize(deserializer),
        false => {
            Timestamp::from_nanosecond(i128::deserialize(deserializer)?).map_err(D::Error::custom)
        }
    }
}

/// A moment that may be missing.
pub mod option {
    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Moment(#[serde(with = "super")] Timestamp);

    pub fn serialize<S: Serializer>(
        at: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        at.map(Moment).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        Ok(Option::<Moment>::deserialize(deserializer)?.map(|moment| moment.0))
    }
}
