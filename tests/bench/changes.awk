# SPDX-License-Identifier: MPL-2.0
# changes.awk baseline table: how the means moved. A change counts only when the 95 % ranges are apart.
BEGIN { FS = "\t"; printf "%-50s %12s %12s %8s\n", "", "baseline", "now", "change" }
NR == FNR { mean[$1] = $3; low[$1] = $5; high[$1] = $6; next }
!($1 in mean) { printf "%-50s %12s %12.2f %8s\n", $1, "-", $3, "new"; next }
{
  apart = $5 > high[$1] || $6 < low[$1]
  change = mean[$1] != 0 ? sprintf("%+.1f %%", ($3 - mean[$1]) / mean[$1] * 100) : "-"
  printf "%-50s %12.2f %12.2f %8s%s\n", $1, mean[$1], $3, change, apart ? "" : "  (noise)"
}
