//! Which vector instructions compute: found at run time, one generic text for all of them. Every kernel uses
//! the same fused operations in the same order, so that each gives the same bits. This module and its
//! children are the only ones with `unsafe`.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
pub(crate) mod avx2;
#[cfg(target_arch = "x86_64")]
pub(crate) mod avx512;
mod lanes;
#[cfg(target_arch = "aarch64")]
pub(crate) mod neon;
pub(crate) mod portable;

pub(crate) use lanes::{LINE, Lanes, Mask, WIDEST};

/// A set of vector instructions that this machine has: values exist only after detection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kernel(pub(crate) Set);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Set {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "aarch64")]
    Neon,
    Portable,
}

impl Kernel {
    /// Returns what this machine can run, the fastest first; the portable one, which is right but slow where
    /// the compiler may not assume a fused multiply-add, comes last and is always there.
    pub fn available() -> Vec<Self> {
        let mut kernels = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected as has;
            if has!("avx512f") && has!("avx512dq") && has!("avx512vl") && has!("fma") {
                kernels.push(Self(Set::Avx512));
            }
            if has!("avx2") && has!("fma") {
                kernels.push(Self(Set::Avx2));
            }
        }
        #[cfg(target_arch = "aarch64")]
        kernels.push(Self(Set::Neon));
        kernels.push(Self(Set::Portable));
        kernels
    }

    /// Returns the fastest of [`Kernel::available`].
    pub fn best() -> Self {
        Self::available()[0]
    }

    /// Returns the name people know the instructions by.
    pub const fn name(self) -> &'static str {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => "AVX-512",
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => "AVX2",
            #[cfg(target_arch = "aarch64")]
            Set::Neon => "NEON",
            Set::Portable => "portable",
        }
    }
}

/// Defines a function that runs a generic one with the vectors of a [`Kernel`], and with the interleaving
/// (vectors per group) that its number of registers allows: wide for 32 registers, narrow for 16.
macro_rules! dispatch {
    ($name:ident = $generic:ident, ($($arg:ident: $type:ty),*), wide $wide:literal, narrow $narrow:literal) => {
        pub(crate) fn $name(kernel: $crate::kernel::Kernel, $($arg: $type),*) {
            match kernel.0 {
                #[cfg(target_arch = "x86_64")]
                $crate::kernel::Set::Avx512 => {
                    #[target_feature(enable = "avx512f,avx512dq,avx512vl,fma")]
                    fn run($($arg: $type),*) {
                        $generic::<$crate::kernel::avx512::Avx512, $wide>($($arg),*);
                    }
                    // SAFETY: a `Kernel` of this set exists only where these instructions were detected.
                    unsafe { run($($arg),*) }
                }
                #[cfg(target_arch = "x86_64")]
                $crate::kernel::Set::Avx2 => {
                    #[target_feature(enable = "avx2,fma")]
                    fn run($($arg: $type),*) {
                        $generic::<$crate::kernel::avx2::Avx2, $narrow>($($arg),*);
                    }
                    // SAFETY: a `Kernel` of this set exists only where these instructions were detected.
                    unsafe { run($($arg),*) }
                }
                #[cfg(target_arch = "aarch64")]
                $crate::kernel::Set::Neon => {
                    $generic::<$crate::kernel::neon::Neon, $wide>($($arg),*);
                }
                $crate::kernel::Set::Portable => {
                    $generic::<$crate::kernel::portable::Portable, $narrow>($($arg),*);
                }
            }
        }
    };
}

/// The dispatched kernels: the bodies are safe code elsewhere, entering them with more instructions is not.
pub(crate) mod run {
    use crate::deep::lanes::{Work, perturb as perturb_generic};
    use crate::direct::finish::finish as finish_generic;
    use crate::direct::smooth::fractions as fractions_generic;
    use crate::direct::sweep::sweep as sweep_generic;
    use crate::direct::{Orbits, Rules};

    dispatch!(finish = finish_generic, (orbits: &mut Orbits, rules: Rules), wide 4, narrow 3);
    dispatch!(sweep = sweep_generic, (pending: &Orbits, rules: Rules, left: &mut Orbits), wide 8, narrow 5);
    dispatch!(fractions = fractions_generic, (squared: &[f64], into: &mut [f32]), wide 1, narrow 1);
    dispatch!(perturb = perturb_generic, (work: &mut Work<'_>), wide 3, narrow 2);
}

#[cfg(test)]
mod tests;
