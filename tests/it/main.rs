//! Behaviour, from outside: whole sites in, feeds out, with the real program as a process.

mod accidents;
mod adopt;
mod bad_input;
mod build;
mod cli;
mod clients;
mod conditions;
mod config;
mod corpus;
mod counts;
mod damage;
#[path = "../../benches/table/dice.rs"]
mod dice;
mod eleventy;
mod faults;
mod formats;
mod generators;
mod golden;
mod health;
mod histories;
mod http;
mod identity;
mod kills;
mod kit;
mod live;
mod markup;
mod mounts;
mod power;
mod publish;
mod readers;
mod sites;
mod supervisor;
mod text;
mod tidy;
mod verify;
mod worlds;
