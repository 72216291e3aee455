// The modules of widget and console use runes.
/// <reference types="svelte" />
/// <reference types="vite/client" />
