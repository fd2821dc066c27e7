/** The script of the report's file. */

import type { ReportContent } from "./content";
import { showReport } from "./page";

const content = JSON.parse(document.getElementById("content")!.textContent!) as ReportContent;
document.title = `${content.title} – journeygraph`;
showReport(document.getElementById("report")!, content);
