//! Throughput, nginx and syndic in turn.

use std::io;
use std::time::Duration;

use crate::generator::{Generator, Load, Next, Request};
use crate::histogram::Histogram;
use crate::{Plan, Rig, Server, peers};

/// One round of one server.
struct Sample {
    rate: f64,
    /// Of the server, for each request.
    cpu: Duration,
    /// The share of a core that the server took.
    server_busy: f64,
    /// The share of its core that the generator took.
    generator_busy: f64,
    /// Of the generator, for each request.
    generator_cpu: Duration,
    /// What others took of all cores' time: programs beside the benchmark, a hypervisor.
    others: f64,
    latencies: Histogram,
}

/// All rounds of a workload: nginx's and syndic's.
pub struct Row {
    what: &'static str,
    connections: usize,
    samples: [Vec<Sample>; 2],
}

/// A workload: who asks what.
struct Workload {
    number: u32,
    what: &'static str,
    connections: &'static [usize],
    next: Next,
    requests: fn(&Server) -> Vec<Request>,
}

const KNOWN: Workload = Workload {
    number: 1,
    what: "304, keep-alive",
    connections: &[64, 1_000],
    next: Next::AtOnce,
    requests: |server| vec![server.known(false)],
};
const FULL: Workload = Workload {
    number: 2,
    what: "200 gzip, keep-alive",
    connections: &[64, 1_000],
    next: Next::AtOnce,
    requests: |server| vec![server.full(false)],
};
const MIXED: Workload = Workload {
    number: 3,
    what: "90 % 304, 10 % 200 gzip, a connection each",
    connections: &[64],
    next: Next::Anew,
    requests: |server| {
        let mut requests = vec![server.known(true); 9];
        requests.push(server.full(true));
        requests
    },
};

/// Workloads 1 to 3.
pub fn against_nginx(plan: &Plan, rig: &Rig) -> io::Result<()> {
    let wanted = || [KNOWN, FULL, MIXED].into_iter().filter(|work| plan.wants(work.number));
    if wanted().next().is_none() {
        return Ok(());
    }
    println!(
        "Server on one core, generator on another; {} rounds of {:?} for each, in turn. 100 % is \
         one core; what others take, they take from both.\n",
        plan.rounds, plan.round
    );
    println!(
        "| workload | connections | nginx req/s | syndic req/s | syndic / nginx | CPU µs per \
         request, nginx / syndic | p50 ms | p99 ms | server's core busy | generator busy | others |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    for work in wanted() {
        for connections in work.connections {
            compare(plan, rig, &work, *connections)?.print();
        }
    }
    println!(
        "\nWhere the generator's core is full and the server's is not, req/s is the generator's \
         limit, and the CPU per request is what compares.\n"
    );
    Ok(())
}

/// 304 and 200 at 64 connections, for workload 6.
pub fn both_kinds(plan: &Plan, rig: &Rig) -> io::Result<[Row; 2]> {
    Ok([compare(plan, rig, &KNOWN, 64)?, compare(plan, rig, &FULL, 64)?])
}

fn compare(plan: &Plan, rig: &Rig, work: &Workload, connections: usize) -> io::Result<Row> {
    let mut samples = [Vec::new(), Vec::new()];
    for _ in 0..plan.rounds {
        for (server, samples) in rig.servers.iter().zip(&mut samples) {
            let load = Load {
                address: server.peer.address,
                connections,
                requests: (work.requests)(server),
                next: work.next,
            };
            samples.push(round(plan, server, load)?);
        }
    }
    Ok(Row { what: work.what, connections, samples })
}

fn round(plan: &Plan, server: &Server, load: Load) -> io::Result<Sample> {
    let mut generator = Generator::open(load)?;
    generator.run(plan.warm_up)?;
    let (machine, before) = (peers::machine_cpu()?, server.peer.cpu()?);
    let tally = generator.run(plan.round)?;
    let cpu = server.peer.cpu()?.saturating_sub(before);
    let machine = peers::machine_cpu()?.saturating_sub(machine);
    let wall = tally.wall.as_secs_f64();
    Ok(Sample {
        rate: tally.answers as f64 / wall,
        cpu: cpu.div_f64(tally.answers.max(1) as f64),
        server_busy: cpu.as_secs_f64() / wall,
        generator_busy: tally.own.as_secs_f64() / wall,
        generator_cpu: tally.own.div_f64(tally.answers.max(1) as f64),
        others: machine.saturating_sub(cpu + tally.own).as_secs_f64() / wall,
        latencies: tally.latencies,
    })
}

impl Row {
    /// A median of each server's rounds.
    fn medians(&self, what: impl Fn(&Sample) -> f64) -> [f64; 2] {
        [0, 1].map(|server| median(self.samples[server].iter().map(&what)))
    }

    fn rates(&self) -> [f64; 2] {
        self.medians(|sample| sample.rate)
    }

    /// Of all rounds, in milliseconds.
    fn quantiles(&self, share: f64) -> [f64; 2] {
        [0, 1].map(|server| {
            let mut all = Histogram::default();
            self.samples[server].iter().for_each(|sample| all.merge(&sample.latencies));
            all.quantile(share).as_secs_f64() * 1e3
        })
    }

    /// What all cores together would allow, at what a request costs server and generator here.
    fn bounds(&self) -> [f64; 2] {
        let cores = std::thread::available_parallelism().map_or(1.0, |cores| cores.get() as f64);
        self.medians(|sample| cores / (sample.cpu + sample.generator_cpu).as_secs_f64())
    }

    fn print(&self) {
        let [nginx, syndic] = &self.samples;
        let ratios = || syndic.iter().zip(nginx).map(|(syndic, nginx)| syndic.rate / nginx.rate);
        let rates = self.rates();
        let cpu = self.medians(|sample| sample.cpu.as_secs_f64() * 1e6);
        let server = self.medians(|sample| sample.server_busy * 100.0);
        let generator = self.medians(|sample| sample.generator_busy * 100.0);
        let others = self.medians(|sample| sample.others * 100.0);
        let (p50, p99) = (self.quantiles(0.5), self.quantiles(0.99));
        println!(
            "| {} | {} | {:.0} | {:.0} | {} | {:.1} / {:.1} | {:.2} / {:.2} | {:.2} / {:.2} | \
             {:.0} % / {:.0} % | {:.0} % / {:.0} % | {:.0} % / {:.0} % |",
            self.what,
            self.connections,
            rates[0],
            rates[1],
            spread(ratios()),
            cpu[0],
            cpu[1],
            p50[0],
            p50[1],
            p99[0],
            p99[1],
            server[0],
            server[1],
            generator[0],
            generator[1],
            others[0],
            others[1],
        );
    }
}

pub fn print_scaling(one: &[Row; 2], two: &[Row; 2]) {
    println!(
        "One core for the server and another for the generator; then both cores for all, of which \
         the generator takes its share (nginx has two workers then).\n"
    );
    println!(
        "| workload | server | req/s, one core | req/s, all cores | all / one | at most, with the \
         generator's cost | server busy, all cores | generator busy, all cores |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for (one, two) in one.iter().zip(two) {
        let (before, after, bounds) = (one.rates(), two.rates(), one.bounds());
        let busy = two.medians(|sample| sample.server_busy * 100.0);
        let generator = two.medians(|sample| sample.generator_busy * 100.0);
        for (server, name) in ["nginx", "syndic"].into_iter().enumerate() {
            let pairs = two.samples[server].iter().zip(&one.samples[server]);
            println!(
                "| {}, {} connections | {name} | {:.0} | {:.0} | {} | {:.2} | {:.0} % | {:.0} % |",
                one.what,
                one.connections,
                before[server],
                after[server],
                spread(pairs.map(|(two, one)| two.rate / one.rate)),
                bounds[server] / before[server],
                busy[server],
                generator[server],
            );
        }
    }
    println!();
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Median [least–greatest].
fn spread(values: impl Iterator<Item = f64>) -> String {
    let values: Vec<f64> = values.collect();
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = values.iter().copied().fold(0.0, f64::max);
    format!("{:.2} [{least:.2}–{greatest:.2}]", median(values.into_iter()))
}
