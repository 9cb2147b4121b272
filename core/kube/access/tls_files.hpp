// Private to this folder: the certificate and key files that a kubeconfig names, read again as they
// rotate. Thread-safe as `files` is, which must outlive it.
#pragma once

#include <string>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/kube/access/tls_material.hpp>
#include <capstan/core/kube/cluster_access.hpp>

namespace capstan::kube {

class TlsFiles {
 public:
  TlsFiles(const ClusterAccess& access, Files& files);
  // Whether there are any: what came inline stays as it is.
  bool any() const;
  // For messages: "/keys/me.crt, /keys/me.key".
  std::string names() const;
  // What the files hold now, `last` for what is in none. A file that became empty is no wish to do
  // without. Whether certificate and key fit each other is not looked at. Errors: kInvalidArgument
  // (empty), those of Files.
  Result<TlsMaterial> Read(const TlsMaterial& last) const;

 private:
  Result<std::string> ReadOne(const std::string& path, bool was_empty) const;
  Files& files_;
  const std::string ca_file_, certificate_file_, key_file_;
};

}  // namespace capstan::kube
