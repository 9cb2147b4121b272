#include <capstan/apps/capstan/view/recordings.hpp>

#include <capstan/core/base/text.hpp>

namespace capstan::app {
namespace {

std::string PathOfObject(const kube::ObjectKey& key) {
  return StrCat("/debug/objects/", key.namespace_.empty() ? "" : UrlEncode(key.namespace_) + "/",
                UrlEncode(key.name));
}

Result<std::string> FromUrl(Session& session, std::string url, const kube::ObjectKey& key,
                            const Context& context) {
  while (!url.empty() && url.back() == '/') url.pop_back();
  http::Request request;
  request.method = "GET";
  request.url = url + PathOfObject(key);
  request.response_limit = std::size_t{1} << 20;
  auto answer = session.clouds().Send(request, context);
  if (!answer) return Annotate(answer.error(), "the operator at " + url + " does not answer");
  if (answer->status != 200)
    return Fail(Code::kNotFound, StrCat("the operator at ", url, " answers ", answer->status, " to ",
                                        PathOfObject(key), "; is it the address of --health-address?"));
  return std::move(answer->body);
}

// The name of the pod is the first part of the holder: HOST_UUID.
Result<std::string> FromPod(Session& session, const RecordingSource& source, const Result<Worker>& worker,
                            const kube::ObjectKey& key, const Context& context) {
  const std::string advice = "name the operator's address with --operator-url";
  if (!worker)
    return Fail(worker.error().code, StrCat("cannot read the running operator from Lease ",
                                            source.operator_namespace, "/", source.lease, "; ", advice));
  const std::string pod = worker->holder.substr(0, worker->holder.find('_'));
  if (pod.empty()) return Fail(Code::kNotFound, "no operator works on it now; " + advice);
  auto answer =
      session.client().GetPath(StrCat("/api/v1/namespaces/", source.operator_namespace, "/pods/",
                                      UrlEncode(pod), ":", source.port, "/proxy", PathOfObject(key)),
                               context);
  if (!answer)
    return Fail(answer.error().code,
                StrCat("pod ", pod, " cannot be reached through the Kubernetes API; ", advice));
  return answer;
}

}  // namespace

Result<std::vector<managed::Recording>> ReadRecordings(Session& session, const RecordingSource& source,
                                                       const Result<Worker>& worker,
                                                       const kube::ObjectKey& key, const Context& context) {
  if (!source.file.empty()) {
    CAPSTAN_TRY(const std::string text, session.files().Read(source.file));
    auto read = managed::RecordingsFromJson(text);
    if (!read) return Annotate(read.error(), source.file);
    return read;
  }
  CAPSTAN_TRY(const std::string text, source.operator_url.empty()
                                          ? FromPod(session, source, worker, key, context)
                                          : FromUrl(session, source.operator_url, key, context));
  return managed::RecordingsFromJson(text);
}

}  // namespace capstan::app
