/** The list of commands: one line each, loaded when it is called. */

import type { Command } from './command.ts';

export type ListedCommand = { summary: string; load: () => Promise<Command> };

export const commands: Readonly<Record<string, ListedCommand>> = {
  up: { summary: 'run the cloud in the foreground', load: () => import('./up.ts').then((module) => module.up) },
  status: { summary: 'tell whether it runs, and how it is', load: () => import('./status.ts').then((module) => module.status) },
  stop: { summary: 'stop it', load: () => import('./stop.ts').then((module) => module.stop) },
  env: {
    summary: 'print what connects AWS tools to it, or write an AWS profile',
    load: () => import('./env.ts').then((module) => module.env),
  },
  logs: { summary: 'print its log', load: () => import('./logs.ts').then((module) => module.logs) },
  clock: { summary: 'show, freeze or advance cloud time', load: () => import('./clock.ts').then((module) => module.clock) },
  fault: {
    summary: 'take an availability zone down, or bring it back',
    load: () => import('./fault.ts').then((module) => module.fault),
  },
  cost: { summary: 'tell what this month has cost, will cost, and why', load: () => import('./cost.ts').then((module) => module.cost) },
  reset: { summary: 'forget everything in it', load: () => import('./reset.ts').then((module) => module.reset) },
  why: { summary: 'explain how a request was decided', load: () => import('./why.ts').then((module) => module.why) },
  'why-dropped': {
    summary: 'tell which packets were dropped, by what, and what would let them through',
    load: () => import('./why-dropped.ts').then((module) => module.whyDropped),
  },
  mailbox: {
    summary: 'show the letters and text messages that it would have sent',
    load: () => import('./mailbox.ts').then((module) => module.mailbox),
  },
  shell: {
    summary: 'open a shell in an instance, or run a command there',
    load: () => import('./shell.ts').then((module) => module.shell),
  },
  'port-forward': {
    summary: 'carry a port of this machine to a port of an instance',
    load: () => import('./port-forward.ts').then((module) => module.portForward),
  },
  console: {
    summary: 'print what an instance wrote to its console',
    load: () => import('./machine-console.ts').then((module) => module.machineConsole),
  },
  image: { summary: 'list, build and import what instances boot from', load: () => import('./image.ts').then((module) => module.image) },
  doctor: { summary: 'check what services need of this machine', load: () => import('./doctor.ts').then((module) => module.doctor) },
  coverage: { summary: 'list which operations are built', load: () => import('./coverage.ts').then((module) => module.coverage) },
  test: { summary: "run Haneul's own tests", load: () => import('./test.ts').then((module) => module.test) },
};
