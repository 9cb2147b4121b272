// Input from an API server and its users: watch frames in arbitrary pieces, kubeconfigs, Status
// objects, the output of credential plugins.
#include <capstan/core/base/files.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/kube/access/exec_credential.hpp>
#include <capstan/core/kube/kubeconfig.hpp>
#include <capstan/core/kube/wire/api_status.hpp>
#include <capstan/core/kube/wire/watch_frames.hpp>
#include <capstan/tests/fuzz/target.hpp>

namespace capstan::fuzz {
namespace {

std::string Frames(std::string_view text, std::size_t step, std::size_t limit) {
  kube::WatchFrames frames("watch", limit);
  std::string seen;
  for (std::size_t at = 0; at < text.size();) {
    const std::string piece(text.substr(at, step));
    at += piece.size();
    frames.Feed(piece);
    for (;;) {
      const auto event = frames.Next();
      if (!event) return StrCat(seen, "!", CodeName(event.error().code));
      if (!*event) break;
      seen += StrCat(static_cast<int>((*event)->type), (*event)->object, "\n");
    }
  }
  return frames.Finish() ? seen : seen + "cut";
}

}  // namespace

void FuzzKubernetesTexts(std::string_view bytes) {
  Input input(bytes);
  const unsigned mode = input.Byte() % 4;
  const std::string text(input.rest());
  if (mode == 0) {
    const std::string whole = Frames(text, text.size() + 1, std::size_t{1} << 20);
    CAPSTAN_MUST(whole == Frames(text, 1, std::size_t{1} << 20), whole);
    CAPSTAN_MUST(whole == Frames(text, 5, std::size_t{1} << 20), whole);
    (void)Frames(text, 3, 16);
  } else if (mode == 1) {
    const auto files = MakeMemoryFiles({{"/k/config", text}, {"/k/ca.crt", "x"}});
    (void)kube::LoadKubeconfig(*files, {"/k/config"});
    (void)kube::LoadKubeconfig(*files, {"/k/config"}, "a");
  } else if (mode == 2) {
    http::Response answer;
    answer.status = 400 + static_cast<int>(input.Byte() * 2) % 200;
    answer.body = std::string(input.rest());
    answer.headers.Set("Retry-After", input.Piece());
    (void)kube::ErrorFromAnswer(answer, "x");
    (void)kube::ErrorFromStatusObject(text, "x");
    (void)kube::FailureIn(text, "x");
  } else {
    kube::ExecCommand program;
    program.api_version = "client.authentication.k8s.io/v1";
    program.command = "x";
    (void)kube::ParseExecAnswer(program, text);
  }
}

}  // namespace capstan::fuzz
