//! Draws one view to a PPM file and prints the milliseconds that computing took:
//! `picture RE IM WIDTH LIMIT COLUMNS ROWS THREADS FILE [whole]`, the last word leaving out all shortcuts.
#![allow(clippy::print_stdout)]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::time::Instant;

use mandelbrot::{Accuracy, Cancel, Coloring, Job, Palette, References, View, draw};

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [re, im, width, limit, columns, rows, threads, file, shortcuts @ ..] = &arguments[..]
    else {
        return Err("picture RE IM WIDTH LIMIT COLUMNS ROWS THREADS FILE [whole]".into());
    };
    let size = (columns.parse()?, rows.parse()?);
    let view = View::new((re.parse()?, im.parse()?), width.parse()?, size)?;
    let job = Job::new(view, limit.parse()?)?.with_accuracy(Accuracy::Draft);
    let job = if shortcuts.is_empty() { job } else { job.without_shortcuts() };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.parse()?).build()?;
    let begun = Instant::now();
    let raw = pool.install(|| draw(&job, &References::new(0), &Cancel::default()))?;
    println!("{:.3}", begun.elapsed().as_secs_f64() * 1000.0);
    let pixels = Palette::CHART.paint(&Coloring::Smooth.turns(&raw));
    let mut out = BufWriter::new(File::create(file)?);
    write!(out, "P6\n{columns} {rows}\n255\n")?;
    out.write_all(&pixels)?;
    Ok(out.flush()?)
}
