(()=>{var e=document.createElement("a");Object.assign(e,{href:location.href,target:"_blank",textContent:document.title});document.body.replaceChildren(e);document.documentElement.hidden=!1;})();
