//! Behaviour, from outside: whole sites in, feeds out, with the real program as a process.

mod accidents;
mod adopt;
mod bad_input;
mod build;
mod cli;
mod config;
mod counts;
mod formats;
mod generators;
mod golden;
mod histories;
mod http;
mod identity;
mod kit;
mod live;
mod publish;
mod sites;
mod text;
mod tidy;
