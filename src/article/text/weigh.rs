//! How likely each block of a text is the article's own: a small convolutional network over what
//! is seen of the blocks, so that each is judged among its neighbours. It knows shapes and no
//! words. `benches/quality/train.py` fits the weights, on one half of a collection of pages turned
//! into texts; `cargo bench --bench quality -- texts` measures them on the other.

use std::sync::OnceLock;

use super::sight::{SIGHTS, Sight};

/// A stretch is worth taking while its blocks are at least this likely to be the article's.
const STRETCH: f32 = 0.5;
/// Within it, a block that is less likely is a caption, a link or an invitation.
pub const OWN: f32 = 0.5;

/// Numbers that each layer makes of a block.
const HIDDEN: usize = 32;
/// How far to both sides each layer after the first one looks.
const REACHES: [usize; 5] = [1, 2, 4, 8, 16];

type State = [f32; HIDDEN];

/// What one layer takes a number for, for each number of the next.
type Matrix = [f32];

struct Layer {
    before: &'static Matrix,
    here: &'static Matrix,
    after: &'static Matrix,
    bias: &'static [f32],
}

struct Network {
    first: &'static Matrix,
    first_bias: &'static [f32],
    layers: Vec<Layer>,
    last: &'static Matrix,
    last_bias: &'static [f32],
}

/// Little-endian, layer by layer, in the order of the fields above.
static WEIGHTS: &[u8] = include_bytes!("weights.bin");

impl Network {
    fn get() -> &'static Network {
        static NETWORK: OnceLock<Network> = OnceLock::new();
        NETWORK.get_or_init(|| {
            let numbers =
                WEIGHTS.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
            Network::of(Box::leak(numbers.collect()))
        })
    }

    fn of(weights: &'static [f32]) -> Network {
        let mut rest = weights;
        let mut take = |count: usize| {
            let (taken, others) = rest.split_at(count);
            rest = others;
            taken
        };
        let network = Network {
            first: take(SIGHTS * HIDDEN),
            first_bias: take(HIDDEN),
            layers: REACHES
                .iter()
                .map(|_| Layer {
                    before: take(HIDDEN * HIDDEN),
                    here: take(HIDDEN * HIDDEN),
                    after: take(HIDDEN * HIDDEN),
                    bias: take(HIDDEN),
                })
                .collect(),
            last: take(HIDDEN * 2),
            last_bias: take(2),
        };
        debug_assert!(rest.is_empty());
        network
    }
}

/// Adds what a row of a matrix makes of each number.
fn add(state: &mut State, numbers: &[f32], matrix: &Matrix) {
    // Of a length that is known, so that the sums stay in registers; iterators take twice as long.
    let (rows, _) = matrix.as_chunks::<HIDDEN>();
    let mut sums = *state;
    for (number, row) in numbers.iter().zip(rows) {
        for at in 0..HIDDEN {
            sums[at] += number * row[at];
        }
    }
    *state = sums;
}

fn biased(bias: &[f32]) -> State {
    let mut state = [0.0; HIDDEN];
    state.copy_from_slice(bias);
    state
}

/// What a block is taken for.
#[derive(Clone, Copy, Debug)]
pub struct Likely {
    /// The article's own, from 0 to 1.
    pub own: f32,
    /// The more, the likelier it is the title.
    pub title: f32,
}

pub fn weigh(sights: &[Sight]) -> Vec<Likely> {
    let network = Network::get();
    let first = sights.iter().map(|sight| {
        let mut state = biased(network.first_bias);
        add(&mut state, sight, network.first);
        state.map(|sum| sum.max(0.0))
    });
    let mut states: Vec<State> = first.collect();
    for (layer, reach) in network.layers.iter().zip(REACHES) {
        let next = (0..states.len()).map(|at| {
            let mut state = biased(layer.bias);
            if let Some(before) = at.checked_sub(reach) {
                add(&mut state, &states[before], layer.before);
            }
            add(&mut state, &states[at], layer.here);
            if let Some(after) = states.get(at + reach) {
                add(&mut state, after, layer.after);
            }
            let mut out = states[at];
            out.iter_mut().zip(state).for_each(|(out, sum)| *out += sum.max(0.0));
            out
        });
        states = next.collect();
    }
    let last = states.iter().map(|state| {
        let [mut own, mut title] = [network.last_bias[0], network.last_bias[1]];
        for (number, weights) in state.iter().zip(network.last.chunks_exact(2)) {
            own += number * weights[0];
            title += number * weights[1];
        }
        Likely { own: 1.0 / (1.0 + (-own).exp()), title }
    });
    last.collect()
}

/// The stretch of blocks that holds most of the article and least of anything else, given how many
/// words each has.
pub fn stretch(counts: &[usize], likely: &[Likely]) -> Option<(usize, usize)> {
    let mut best: Option<(f32, usize, usize)> = None;
    let (mut sum, mut start) = (0.0, 0);
    for (at, (count, likely)) in counts.iter().zip(likely).enumerate() {
        if sum <= 0.0 {
            (sum, start) = (0.0, at);
        }
        sum += (likely.own - STRETCH) * (count + 1) as f32;
        if sum > 0.0 && best.is_none_or(|(most, ..)| sum > most) {
            best = Some((sum, start, at));
        }
    }
    best.map(|(_, start, end)| (start, end))
}
