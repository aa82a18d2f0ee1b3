import { DecoratorHandler, type Dispatcher } from 'undici';

/** Called when the first byte of a request is about to be sent; what it throws is the failure, and nothing is sent. */
export type Guard = () => void;

class Guarded extends DecoratorHandler {
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #guard: Guard;

  constructor(handler: Dispatcher.DispatchHandler, guard: Guard) {
    super(handler);
    this.#handler = handler;
    this.#guard = guard;
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    this.#guard();
    this.#handler.onRequestStart?.(controller, context);
  }
}

/** A request may wait long for its connection: its options' `guard` is asked after that. */
export const guarding: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
  const { guard } = options as { guard?: Guard };
  return dispatch(options, guard === undefined ? handler : new Guarded(handler, guard));
};
