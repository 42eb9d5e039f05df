import type { Plugin } from 'vite'

export declare function opcodeLiterals(): Plugin
