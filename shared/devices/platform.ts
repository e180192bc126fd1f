/** A text of configuration and where a person finds it ("lares.toml on the LARES partition", "user-data (NoCloud)"). */
export interface ConfigurationSource {
  readonly origin: string;
  readonly text: string;
}

/** What the status page shows of the machine below the service. Absent where the platform cannot know it. */
export interface PlatformFacts {
  readonly hostname: string;
  readonly addresses: readonly string[];
  readonly uptimeSeconds: number;
  readonly kernel: string;
  readonly runtime: string;
  readonly memory: { readonly totalBytes: number; readonly availableBytes: number };
  /** Seccomp mode (2 is a filter) and effective capabilities (hex) of every task of this process. */
  readonly tasks: readonly { readonly id: number; readonly seccomp: number; readonly capabilities: string }[];
  /** What `execve` answers here, tried at lockdown: 'EPERM' on a locked machine, 'allowed' on a plain process. */
  readonly execve: string;
  /** Faults that the machine met and lived with: a plain sentence each. */
  readonly faults: readonly string[];
  /** Slot, image version and the fault that ended the last run, on a machine with boot state. */
  readonly boot?: { readonly slot: string; readonly version: string; readonly lastFault?: string };
}

export type EndKind = 'power-off' | 'reboot' | 'fault';

/** What carries an appliance: a machine of its own (PID 1) or a process on somebody's host. */
export interface Platform {
  readonly kind: 'machine' | 'process';
  /** Folder of the data volume, for the stores. */
  readonly dataFolder: string;
  /** Folder of what was baked in or named on the command line: content that never changes while running. */
  readonly contentFolder: string;
  /** First match wins; an empty list means built-in defaults. */
  readonly configuration: readonly ConfigurationSource[];
  /** The owner's secrets by name: the files in `secrets/` beside lares.toml, never part of an image. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Aborted when the service should stop: SIGTERM, Ctrl-C, the power button, or a fault of the machine. */
  readonly stopRequested: AbortSignal;

  facts(): Promise<PlatformFacts>;

  /** One line for the person at the console; `level` decides its colour. Never a secret. */
  announce(line: string, level?: 'info' | 'good' | 'bad'): void;

  /** Gives up every privilege not needed any more, on every thread. After it, listeners and files still open. */
  lockDown(): Promise<void>;

  /**
   * Tells the watchdog that the event loop turns; it must be called at least every 10 s once called. `isServing`: the
   * service answers, so that what was started has proved itself.
   */
  alive(isServing: boolean): void;

  /** Syncs and ends: the machine powers off, reboots, or (fault) shows `cause`, notes it and restarts with back-off. */
  end(kind: EndKind, cause?: unknown): Promise<never>;
}
