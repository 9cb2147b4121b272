// Kubernetes' JavaScript client: objects, patches, watches and informers.
import assert from 'node:assert/strict';
import test from 'node:test';
import * as k8s from '@kubernetes/client-node';

const config = new k8s.KubeConfig();
config.loadFromDefault();
const core = config.makeApiClient(k8s.CoreV1Api);
const namespace = 'default';

const until = async (condition, what) => {
  for (let turn = 0; turn < 600; ++turn) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`never came: ${what}`);
};

test('an object is made, read, replaced and deleted', async () => {
  await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'one' }, data: { a: '1' } } });
  const read = await core.readNamespacedConfigMap({ namespace, name: 'one' });
  assert.equal(read.data.a, '1');
  read.data.a = '2';
  const replaced = await core.replaceNamespacedConfigMap({ namespace, name: 'one', body: read });
  assert.equal(replaced.data.a, '2');
  await assert.rejects(core.replaceNamespacedConfigMap({ namespace, name: 'one',
    body: { ...read, metadata: { ...read.metadata, resourceVersion: '1' } } }), (error) => error.code === 409);
  const deleted = await core.deleteNamespacedConfigMap({ namespace, name: 'one' });
  assert.equal(deleted.status, 'Success');
  await assert.rejects(core.readNamespacedConfigMap({ namespace, name: 'one' }), (error) => error.code === 404);
});

test('a patch changes what it names', async () => {
  await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'patched' }, data: { a: '1' } } });
  const patched = await core.patchNamespacedConfigMap({ namespace, name: 'patched',
    body: [{ op: 'add', path: '/data/b', value: '2' }] });
  assert.deepEqual(patched.data, { a: '1', b: '2' });
});

test('a pod comes back with its defaults', async () => {
  const pod = await core.createNamespacedPod({ namespace,
    body: { metadata: { name: 'pod' }, spec: { containers: [{ name: 'c', image: 'i' }] } } });
  assert.equal(pod.spec.restartPolicy, 'Always');
  assert.equal(pod.status.phase, 'Pending');
});

test('a watch tells each change', async () => {
  const seen = [];
  const watch = new k8s.Watch(config);
  const request = await watch.watch(`/api/v1/namespaces/${namespace}/secrets`, {},
    (type, object) => seen.push(`${type} ${object.metadata.name}`), () => {});
  await core.createNamespacedSecret({ namespace, body: { metadata: { name: 's' }, stringData: { k: 'v' } } });
  await core.deleteNamespacedSecret({ namespace, name: 's' });
  await until(() => seen.length >= 2, 'two events');
  request.abort();
  assert.deepEqual(seen, ['ADDED s', 'DELETED s']);
});

test('an informer keeps a cache', async () => {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  const informer = k8s.makeInformer(config, path, () => core.listNamespacedServiceAccount({ namespace }));
  const added = [];
  const removed = [];
  informer.on('add', (account) => added.push(account.metadata.name));
  informer.on('delete', (account) => removed.push(account.metadata.name));
  await informer.start();
  await core.createNamespacedServiceAccount({ namespace, body: { metadata: { name: 'robot' } } });
  await until(() => added.includes('robot'), 'the account');
  assert.equal(informer.get('robot', namespace).metadata.name, 'robot');
  await core.deleteNamespacedServiceAccount({ namespace, name: 'robot' });
  await until(() => removed.includes('robot'), 'its end');
  await informer.stop();
});
