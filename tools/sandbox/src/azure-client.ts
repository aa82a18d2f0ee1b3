import { request } from 'undici';

/** One call that the simulated Azure received. */
export interface AzureCall {
  readonly at: number;
  readonly service: 'imds' | 'entra' | 'arm';
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
  readonly note: string;
}

export interface AzureView {
  readonly resources: readonly { id: string; userAssigned: readonly string[] }[];
  readonly identities: readonly { id: string; clientId: string; breakage?: string }[];
  readonly stopped: readonly string[];
  readonly requests: readonly AzureCall[];
}

export interface AzureClient {
  view(): Promise<AzureView>;
  control(action: Readonly<Record<string, unknown>>): Promise<void>;
  /** Lower-cased ids of the managed identities on the node's scale set. */
  identitiesOfMachine(): Promise<string[]>;
}

/** The control side of the simulated Azure, which the sandbox's page and story use. */
export function createAzureClient(controlUrl: string): AzureClient {
  const call = async (path: string, body?: string): Promise<unknown> => {
    const method = body === undefined ? 'GET' : 'POST';
    const answer = await request(`${controlUrl}${path}`, { method, ...(body === undefined ? {} : { body }) });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`the simulated Azure answered ${answer.statusCode}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  const view = async () => (await call('/state')) as AzureView;
  return {
    view,
    control: async (action) => {
      await call('/control', JSON.stringify(action));
    },
    identitiesOfMachine: async () => {
      const { resources } = await view();
      return resources.flatMap(({ userAssigned }) => userAssigned.map((id) => id.toLowerCase()));
    },
  };
}
