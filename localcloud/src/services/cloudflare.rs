//! cloudflare
