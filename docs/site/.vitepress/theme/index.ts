import type { Theme } from 'vitepress';
import DefaultTheme from 'vitepress/theme';
import { defineAsyncComponent } from 'vue';
import Home from './home.vue';
import './style.css';

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component('SiteHome', Home);
    app.component(
      'SitePlayground',
      defineAsyncComponent(() => import('./playground.vue')),
    );
  },
} satisfies Theme;
