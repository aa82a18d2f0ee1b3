// A pod that no binding names asks for a token: NMI must say that it has none for it. Anything else, a token above all, fails.
const [, base, resource] = process.argv;
const url = `${base}/metadata/identity/oauth2/token?api-version=2018-02-01&resource=${encodeURIComponent(resource)}`;
const wanted = 'Identity not found';
fetch(url, { headers: { Metadata: 'true' }, signal: AbortSignal.timeout(20_000) })
  .then(async (answer) => [answer.status, (await answer.json()).error_description])
  .catch((error) => [0, error.cause?.message ?? error.message])
  .then(([status, said]) => {
    const right = status === 400 && said === wanted;
    console.log(
      right ? 'NMI refuses a pod without an identity, as it should' : `expected 400 ${wanted}, found ${status} ${said}`,
    );
    process.exitCode = right ? 0 : 1;
  });
