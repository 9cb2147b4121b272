# The installed headers of each component: those that authors include, and those that they need in
# turn. No header of a third-party library is among them. tests/core_install builds against exactly
# these.
set(CAPSTAN_BASE_HEADERS
  core/base/backoff.hpp core/base/context.hpp core/base/files.hpp core/base/json.hpp core/base/log.hpp core/base/mutex.hpp
  core/base/process.hpp core/base/random.hpp core/base/result.hpp core/base/scheduler.hpp core/base/secret.hpp
  core/base/simulated_scheduler.hpp core/base/text.hpp core/base/thread_scheduler.hpp core/base/time.hpp core/base/trouble_reports.hpp
  core/external/external.hpp core/external/tags.hpp
  core/http/collecting_writer.hpp core/http/forwarding_transport.hpp core/http/handler.hpp core/http/loopback.hpp core/http/message.hpp core/http/quota.hpp
  core/http/quota_budget.hpp core/http/retrying.hpp core/http/transport.hpp)

set(CAPSTAN_CORE_HEADERS ${CAPSTAN_BASE_HEADERS}
  core/json/object_scanner.hpp core/json/patch.hpp core/json/scan.hpp
  core/kube/access/tls_material.hpp core/kube/builtin_kinds.hpp core/kube/client.hpp core/kube/cluster_access.hpp
  core/kube/conditions.hpp core/kube/credentials.hpp core/kube/discovery.hpp core/kube/key_table.hpp core/kube/kind.hpp
  core/kube/kubeconfig.hpp core/kube/object.hpp core/kube/scheme.hpp
  core/managed/names.hpp core/managed/options.hpp core/managed/reconciler.hpp
  core/net/http_server.hpp core/net/proxy.hpp core/net/tls_transport.hpp
  core/trace/trace.hpp core/typed/fields.hpp core/typed/object_meta.hpp core/typed/values.hpp core/kinds/kinds.hpp
  core/operator/controller_builder.hpp core/operator/managed_kinds.hpp core/operator/operator.hpp
  core/operator/running_operator.hpp core/operator/turn.hpp
  core/program/arguments.hpp core/program/cluster_connection.hpp core/program/flags.hpp core/program/log_line.hpp
  core/program/log_outlet.hpp
  core/program/operations_handler.hpp core/program/signals.hpp core/program/standard_error_log.hpp
  core/runtime/controller.hpp core/runtime/event_recorder.hpp core/runtime/fence.hpp core/runtime/fenced_transport.hpp
  core/runtime/finalizer.hpp core/runtime/health.hpp core/runtime/informer.hpp core/runtime/kube_event_recorder.hpp
  core/runtime/label_selector.hpp core/runtime/lease/lease_machine.hpp core/runtime/lease_elector.hpp
  core/runtime/lister.hpp core/runtime/manager.hpp core/runtime/metrics.hpp core/runtime/queue/timer_heap.hpp
  core/runtime/queue/workqueue.hpp core/runtime/queue/workqueue_core.hpp core/runtime/reconciler.hpp
  core/runtime/store/codecs.hpp core/runtime/store/object_codec.hpp core/runtime/store/store.hpp
  core/runtime/store/stored_object.hpp
  core/runtime/watch/watcher.hpp
  core/runtime/watch/watcher_machine.hpp)

set(CAPSTAN_TESTING_HEADERS testing/cluster.hpp testing/explore.hpp)
set(CAPSTAN_CONFORMANCE_HEADERS sdk/conformance/conformance.hpp)
