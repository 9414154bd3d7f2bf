mod blame;
mod draw;
mod judge;
mod maps;
mod minima;
mod reference;
mod stepping;
mod traces;
