mod draw;
mod maps;
mod reference;
mod stepping;
mod traces;
