import { mount } from 'svelte';
import './app.css';
import App from './App.svelte';
import { i18n } from './i18n/index.svelte';
import { prefs } from './lib/prefs.svelte';

prefs.paint();
document.documentElement.lang = i18n.locale;

const target = document.getElementById('app');
if (target === null) throw new Error('the page has no #app');
mount(App, { target });
