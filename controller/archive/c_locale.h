// libarchive and names that are bytes.
#pragma once

#include <clocale>

namespace controller {

/// While one exists this thread is in the C locale.  libarchive translates names from and to the
/// thread's character set, and in this one it can translate nothing but ASCII: every other name is
/// written as the bytes it is and marked so (hdrcharset=BINARY), and read back as these bytes.
class CLocale {
 public:
  CLocale() : before_(::uselocale(c_locale())) {}
  CLocale(const CLocale&) = delete;
  CLocale& operator=(const CLocale&) = delete;
  ~CLocale() { ::uselocale(before_); }

 private:
  static locale_t c_locale() {
    static const locale_t kLocale = ::newlocale(LC_ALL_MASK, "C", nullptr);
    return kLocale;
  }

  locale_t before_;
};

}  // namespace controller
