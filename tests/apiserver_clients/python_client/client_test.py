"""Kubernetes' Python client: objects, patches, watches, and kinds known only from discovery."""

import unittest

from kubernetes import client, config, dynamic, watch

config.load_kube_config()
NAMESPACE = "default"


class Client(unittest.TestCase):
    def test_an_object_is_made_read_replaced_and_deleted(self):
        core = client.CoreV1Api()
        core.create_namespaced_config_map(NAMESPACE, {"metadata": {"name": "one"}, "data": {"a": "1"}})
        read = core.read_namespaced_config_map("one", NAMESPACE)
        self.assertEqual(read.data, {"a": "1"})
        read.data["a"] = "2"
        self.assertEqual(core.replace_namespaced_config_map("one", NAMESPACE, read).data["a"], "2")
        with self.assertRaises(client.ApiException) as refused:
            core.replace_namespaced_config_map("one", NAMESPACE, read)
        self.assertEqual(refused.exception.status, 409)
        core.delete_namespaced_config_map("one", NAMESPACE)
        with self.assertRaises(client.ApiException) as gone:
            core.read_namespaced_config_map("one", NAMESPACE)
        self.assertEqual(gone.exception.status, 404)

    def test_a_deployment_is_patched_and_scaled(self):
        apps = client.AppsV1Api()
        labels = {"app": "web"}
        apps.create_namespaced_deployment(NAMESPACE, {
            "metadata": {"name": "web"},
            "spec": {"selector": {"matchLabels": labels},
                     "template": {"metadata": {"labels": labels},
                                  "spec": {"containers": [{"name": "c", "image": "i"}]}}}})
        patched = apps.patch_namespaced_deployment("web", NAMESPACE, {"spec": {"replicas": 3}})
        self.assertEqual(patched.spec.replicas, 3)
        self.assertEqual(patched.spec.strategy.type, "RollingUpdate")
        self.assertEqual(apps.read_namespaced_deployment_scale("web", NAMESPACE).spec.replicas, 3)

    def test_a_service_gets_an_address(self):
        made = client.CoreV1Api().create_namespaced_service(
            NAMESPACE, {"metadata": {"name": "svc"}, "spec": {"ports": [{"port": 80}], "selector": {"a": "b"}}})
        self.assertTrue(made.spec.cluster_ip)
        self.assertEqual(made.spec.ports[0].target_port, 80)

    def test_a_watch_tells_each_change(self):
        core = client.CoreV1Api()
        since = core.list_namespaced_secret(NAMESPACE).metadata.resource_version
        core.create_namespaced_secret(NAMESPACE, {"metadata": {"name": "s"}, "stringData": {"k": "v"}})
        core.delete_namespaced_secret("s", NAMESPACE)
        seen = []
        events = watch.Watch()
        for event in events.stream(core.list_namespaced_secret, NAMESPACE, resource_version=since,
                                   timeout_seconds=60):
            seen.append((event["type"], event["object"].metadata.name))
            if len(seen) == 2:
                events.stop()
        self.assertEqual(seen, [("ADDED", "s"), ("DELETED", "s")])

    def test_discovery_is_enough_to_use_a_kind(self):
        api = dynamic.DynamicClient(client.ApiClient())
        jobs = api.resources.get(api_version="batch/v1", kind="Job")
        made = jobs.create(namespace=NAMESPACE, body={
            "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"},
            "spec": {"template": {"spec": {"restartPolicy": "Never",
                                           "containers": [{"name": "c", "image": "i"}]}}}})
        self.assertEqual(made.spec.backoffLimit, 6)
        self.assertEqual(jobs.get(name="j", namespace=NAMESPACE).metadata.name, "j")


if __name__ == "__main__":
    unittest.main()
