#include <capstan/core/kube/access/tls_files.hpp>

#include <cstddef>
#include <utility>

#include <capstan/core/base/text.hpp>

namespace capstan::kube {

TlsFiles::TlsFiles(const ClusterAccess& access, Files& files)
    : files_(files),
      ca_file_(access.ca_file),
      certificate_file_(access.certificate_file),
      key_file_(access.key_file) {}

bool TlsFiles::any() const { return !(ca_file_.empty() && certificate_file_.empty() && key_file_.empty()); }

std::string TlsFiles::names() const {
  std::string names;
  for (const std::string* file : {&certificate_file_, &key_file_, &ca_file_}) {
    if (!file->empty()) names += StrCat(names.empty() ? "" : ", ", *file);
  }
  return names;
}

Result<TlsMaterial> TlsFiles::Read(const TlsMaterial& last) const {
  TlsMaterial now = last;
  // The key first: programs that write the two files one after the other usually write the key
  // last.
  if (!key_file_.empty()) {
    CAPSTAN_TRY(std::string key, ReadOne(key_file_, last.key_pem.empty()));
    now.key_pem = Secret(std::move(key));
  }
  if (!certificate_file_.empty()) {
    CAPSTAN_TRY(now.certificate_pem, ReadOne(certificate_file_, last.certificate_pem.empty()));
  }
  if (!ca_file_.empty()) {
    CAPSTAN_TRY(now.ca_pem, ReadOne(ca_file_, last.ca_pem.empty()));
  }
  return now;
}

Result<std::string> TlsFiles::ReadOne(const std::string& path, bool was_empty) const {
  CAPSTAN_TRY(std::string text, files_.Read(path, std::size_t{8} << 20));
  if (text.empty() && !was_empty) return Fail(Code::kInvalidArgument, StrCat(path, " is empty"));
  return text;
}

}  // namespace capstan::kube
