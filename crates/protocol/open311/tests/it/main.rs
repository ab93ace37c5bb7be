//! What is written in both formats: the bodies that clients were seen to read, and any other.

mod both_formats;
mod golden;
