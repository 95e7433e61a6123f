//! The slow truth: z² + c in whole numbers over a power of two, as simple as it can be written.

/// Sign and limbs, the lowest first; the value is that integer over 2^(64 · fraction).
#[derive(Clone)]
struct Number {
    negative: bool,
    limbs: Vec<u64>,
}

fn compare(a: &[u64], b: &[u64]) -> std::cmp::Ordering {
    a.iter().rev().cmp(b.iter().rev())
}

fn sum(a: &Number, b: &Number) -> Number {
    if a.negative == b.negative {
        let mut carry = 0_u128;
        let limbs = a.limbs.iter().zip(&b.limbs).map(|(&a, &b)| {
            carry = (carry >> 64) + u128::from(a) + u128::from(b);
            carry as u64
        });
        return Number { negative: a.negative, limbs: limbs.collect() };
    }
    let (large, small) = if compare(&a.limbs, &b.limbs).is_lt() { (b, a) } else { (a, b) };
    let mut borrow = 0_i128;
    let limbs = large.limbs.iter().zip(&small.limbs).map(|(&a, &b)| {
        borrow = (borrow >> 64) + i128::from(a) - i128::from(b);
        borrow as u64
    });
    Number { negative: large.negative, limbs: limbs.collect() }
}

fn product(a: &Number, b: &Number) -> Number {
    let n = a.limbs.len();
    let mut whole = vec![0_u64; 2 * n];
    for (i, &x) in a.limbs.iter().enumerate() {
        let mut carry = 0_u128;
        for (j, &y) in b.limbs.iter().enumerate() {
            carry += u128::from(x) * u128::from(y) + u128::from(whole[i + j]);
            whole[i + j] = carry as u64;
            carry >>= 64;
        }
        whole[i + n] = carry as u64;
    }
    let limbs = whole[n - 1..2 * n - 1].to_vec();
    Number { negative: a.negative != b.negative, limbs }
}

fn negated(a: &Number) -> Number {
    Number { negative: !a.negative, limbs: a.limbs.clone() }
}

/// Reads decimal text by Horner's rule from its end, in units of the last limb.
fn read(text: &str, fraction: usize) -> Number {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (text, exponent) = text.split_once('e').map_or((text, 0), |(m, e)| (m, e.parse().unwrap()));
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let zeros = usize::try_from(-i64::from(exponent)).unwrap();
    let digits = format!("{}{whole}{part}", "0".repeat(zeros));
    let mut limbs = vec![0_u64; fraction + 1];
    for digit in digits.bytes().skip(whole.len()).collect::<Vec<u8>>().into_iter().rev() {
        limbs[fraction] = u64::from(digit - b'0');
        let mut rest = 0_u128;
        for limb in limbs.iter_mut().rev() {
            rest = rest << 64 | u128::from(*limb);
            *limb = (rest / 10) as u64;
            rest %= 10;
        }
    }
    limbs[fraction] = digits[..whole.len()].parse().unwrap();
    Number { negative, limbs }
}

/// `value` · 2^`scale`.
fn float(value: f64, scale: i32, fraction: usize) -> Number {
    let mut limbs = vec![0_u64; fraction + 1];
    let mut rest = value.abs() * 2_f64.powi(scale.rem_euclid(64));
    let above = scale.div_euclid(64).unsigned_abs() as usize;
    for limb in limbs.iter_mut().rev().skip(above) {
        *limb = rest as u64;
        rest = rest.fract() * 2_f64.powi(64);
    }
    Number { negative: value < 0.0, limbs }
}

/// Counts the steps until |z| > 256, `None` when that takes more than `limit`.
pub(crate) fn steps(
    center: (&str, &str),
    (offset, scale): ((f64, f64), i32),
    limit: u32,
    fraction: usize,
) -> Option<u32> {
    let c_re = sum(&read(center.0, fraction), &float(offset.0, scale, fraction));
    let c_im = sum(&read(center.1, fraction), &float(offset.1, scale, fraction));
    let (mut re, mut im) = (float(0.0, 0, fraction), float(0.0, 0, fraction));
    for step in 1..=limit {
        let cross = product(&re, &im);
        let squares = sum(&product(&re, &re), &negated(&product(&im, &im)));
        re = sum(&squares, &c_re);
        im = sum(&sum(&cross, &cross), &c_im);
        let squared = sum(&product(&re, &re), &product(&im, &im));
        let top = squared.limbs[fraction];
        if top > 65_536 || top == 65_536 && squared.limbs[..fraction].iter().any(|&l| l > 0) {
            return Some(step);
        }
    }
    None
}
